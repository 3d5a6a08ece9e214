"""What figures show."""

from __future__ import annotations

from matplotlib.text import Text


def texts_of(figure):
    """Boxes of all that is written, by its text, in pixels."""
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    written = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    shown = [text for panel in figure.axes for axis in (panel.xaxis, panel.yaxis) for text in axis.get_ticklabels()]
    hidden = {
        id(text)
        for panel in figure.axes
        for axis, name in ((panel.xaxis, "labelbottom"), (panel.yaxis, "labelleft"))
        if not axis.get_tick_params()[name]
        for text in axis.get_ticklabels()
    }
    assert shown
    return [(text.get_text(), text.get_window_extent(renderer)) for text in written if id(text) not in hidden]


def check_texts(figure):
    """Make sure that no text meets another or the edge."""
    boxes = texts_of(figure)
    for text, box in boxes:
        assert min(box.x0, box.y0) >= 0, text
        assert min(figure.bbox.x1 - box.x1, figure.bbox.y1 - box.y1) >= 0, text
    for index, (text, box) in enumerate(boxes):
        for other, second in boxes[index + 1 :]:
            assert not box.padded(-1).overlaps(second.padded(-1)), (text, other)
