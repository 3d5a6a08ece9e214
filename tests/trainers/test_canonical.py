"""Which changes of a source file are changes of its code."""

import pytest

from nnsweep.trainers.canonical import canonical

BEFORE = '''"""A module."""
import numpy as np


def train(alpha: float = 0.1, seed=0):
    """Train it."""
    # a comment
    values = [1, 2, 3]
    return {"error": alpha * sum(values), "text": f"{alpha!r:>{seed}}"}


class Net:
    """Only a docstring."""
'''
SAME = {
    "a comment": BEFORE.replace("# a comment", "# another one"),
    "a docstring": BEFORE.replace("Train it.", "Trains."),
    "no docstring": BEFORE.replace('    """Train it."""\n', ""),
    "layout": BEFORE.replace("[1, 2, 3]", "[\n        1, 2,\n        3,\n    ]").replace("\n\n\n", "\n\n"),
    "quotation marks and parentheses": BEFORE.replace('"error"', "'error'").replace("alpha *", "(alpha) *"),
    "line ends": BEFORE.replace("\n", "\r\n"),
}
OTHER = {
    "a number": BEFORE.replace("0.1", "0.2"),
    "a type": BEFORE.replace("[1, 2", "[1.0, 2"),
    "a truth": BEFORE.replace("[1, 2", "[True, 2"),
    "a text": BEFORE.replace('"error"', '"eror"'),
    "a name": BEFORE.replace("values", "numbers"),
    "an import": BEFORE.replace("as np", "as xp"),
    "a format": BEFORE.replace("!r", ""),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_the_same_code(text):
    assert text != BEFORE
    assert canonical(text) == canonical(BEFORE)


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_other_code(text):
    assert canonical(text) != canonical(BEFORE)


def test_a_docstring_counts_where_the_code_speaks_of_it():
    one, other = (f'"""{text}"""\nprint(__doc__)\n' for text in "ab")
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize("text", ["def (", "\0", "x = " + "(" * 1000])
def test_what_is_no_python_is_its_text(text):
    assert canonical(text) == text.encode()


def test_the_form_does_not_depend_on_the_version_of_python():
    """Newer versions add fields, such as `type_params`, that are empty here: see the `ast` module's grammar."""
    assert canonical("def f(x): return 'a' + str(x ** 2)") == (
        b"Module(body=FunctionDef(name=str 'f'args=arguments(args=arg(arg=str 'x'),)body=Return(value=BinOp("
        b"left=Constant(value=str 'a')op=Add()right=Call(func=Name(id=str 'str')args=BinOp(left=Name(id=str 'x')"
        b"op=Pow()right=Constant(value=int 2)),))),),)"
    )
