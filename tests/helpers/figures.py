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
