"""Files written as Python, YAML or Windows would have them: the message says what to write."""

from __future__ import annotations

import pytest

from nnsweep.errors import SpecError
from nnsweep.sweepfile import loads

NAME = 'name = "a"\n'
MISTAKES = {
    "standardize = True": "2:15: found True; write true",
    "hidden = [8, .1]": "2:14: found .1; write 0.1",
    "alpha = -.5e-3": "2:9: found -.5e-3; write -0.0005",
    "alpha = 5.": "2:9: found 5.; write 5.0",
    "alpha = [1., 2.]": "2:10: found 1.; write 1.0",
    "seed = 007": "2:8: found 007; write 7",
    "cap = Infinity": "2:7: found Infinity; write inf",
    "depth = [2, None]": '2:13: found None; write { none = true }, or "none" where the parameter takes no texts',
    "alpha = 1/3": '2:9: found 1/3; write a number, or "1/3"',
    "alpha = 1, 2": "2:9: found 1, 2; write [1, 2]",
    "epochs = { from = 1,": "2:10: found { at the end of a line; write the table on one line, up to its }",
    "hidden = (8, 8)": "2:10: found (; write a list in square brackets, such as [1, 2]",
    "hidden = [8 8]": "2:13: found 8; write a comma before it",
    "hidden = [8,, 8]": "2:13: found ,; write a value before it",
    "epochs = range(5)": "2:10: found range(); write { from = 1, to = 6 } or { count = 6 }",
    "a = logspace(0, 1)": "2:5: found logspace(); write { logspace = [0.001, 1.0], num = 4 }, with values as ends",
    "activation = relu": '2:14: found relu; write "relu"',
    "activation = [\n  relu,\n]": '3:3: found relu; write "relu"',
    "standardize = [\n  true,\n  False,\n]": "4:3: found False; write false",
    "path = C:\\data\\x.csv": "2:8: found C:\\data\\x.csv; write 'C:\\data\\x.csv'",
    'path = "C:\\Users\\x.csv"': "2:8: found \"C:\\Users\\x.csv\"; write 'C:\\Users\\x.csv', in single quotes",
    'data = { csv = "C:\\iris.csv" }': "2:16: found \"C:\\iris.csv\"; write 'C:\\iris.csv', in single quotes",
    "description = 'it's'": "2:15: found 'it's'; write \"it's\"",
    "description = “forum”": '2:15: found “; write "',
    'description = "forum': '2:15: found "forum; write "forum"',
    "α = [0.1]": '2:1: found α; write "α" in quotes',
    "naïve = 1": '2:1: found naïve; write "naïve" in quotes',
    "learning rate = 1": '2:1: found learning rate; write "learning rate" in quotes',
    "alpha 0.1": "2:1: found alpha 0.1; write alpha = 0.1",
    "alpha: 0.1": "2:6: found :; write =",
    "alpha == 0.1": "2:7: found ==; write =",
    "seed = { count: 5 }": "2:15: found :; write =",
    "seed = {\n  count = 5\n}": "2:8: found { at the end of a line; write the table on one line, up to its }",
    "seed = { count = 5, }": "2:19: found , before }; write no comma there",
    "alpha =": "2:7: found = without a value; write one behind it",
    "= 3": "2:1: found =; write a name before it",
    "// alpha": "2:1: found //; write # before a comment",
    "alpha = 1;": "2:10: found ;; write nothing",
    "[axes": "2:1: found [axes; write [axes]",
    "[[include]": "2:1: found [[include]; write [[include]]",
    "[as posted]": '2:1: found [as posted]; write ["as posted"]',
    "alpha = 1\nalpha = 2": "3:1: found `alpha` twice; write it once, with all that it holds",
    "[axes]\na = [1]\n[axes]\nb = [1]": "4:1: found `[axes]` twice; write it once, with all that it holds",
    "[[include]]\na = 1\n[[include]]\na = 1\na = 2": "6:1: found `a` twice; write it once, with all that it holds",
}


@pytest.mark.parametrize("lines", MISTAKES)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_the_message_says_what_to_write(lines: str, end: str) -> None:
    with pytest.raises(SpecError) as caught:
        loads((NAME + lines + "\n").replace("\n", end))
    place, _, message = MISTAKES[lines].partition(": ")
    assert str(caught.value) == f"grid.toml:{place}: not TOML: {message}"


def test_a_number_that_only_infinity_could_stand_for_is_refused() -> None:
    with pytest.raises(SpecError) as caught:
        loads(NAME + "[axes]\nalpha = [1, 1e400]")
    assert str(caught.value) == "grid.toml:3:13: found 1e400; allowed: numbers up to 1.8e308, or inf"
