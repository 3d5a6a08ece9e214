import numpy as np
import pytest

from nnsweep.figures.contrast import is_dark, luminance


@pytest.mark.parametrize(
    ("grey", "published"),
    [(0x00, 21.0), (0x59, 7.0), (0x76, 4.54), (0x77, 4.48), (0x94, 3.03), (0xFF, 1.0)],
)
def test_contrast_with_white_is_that_of_published_checkers(grey, published):
    assert 1.05 / (luminance([grey / 255] * 3) + 0.05) == pytest.approx(published, abs=0.005)


def test_the_text_that_stands_out_more_has_enough_contrast_on_every_colour():
    colours = np.stack(np.meshgrid(*[np.linspace(0, 1, 52)] * 3), axis=-1).reshape(-1, 3)
    white, black = 1.05 / (luminance(colours) + 0.05), (luminance(colours) + 0.05) / 0.05
    chosen, other = np.where(is_dark(colours), [white, black], [black, white])
    assert (chosen > other * 0.995).all()
    assert chosen.min() > 4.5  # what WCAG asks of texts
