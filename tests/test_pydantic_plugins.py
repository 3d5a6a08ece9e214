"""Plug-ins of pydantic are left out for our own models, and loaded for users' code."""

import os

import pytest

from nnsweep.data import users
from nnsweep.pydantic_plugins import VARIABLE, leave_out, load_again
from tests.helpers import call


@pytest.fixture(autouse=True)
def _before_the_start():
    load_again()  # an earlier test may have started the command line


def test_users_code_finds_the_plugins(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    leave_out()
    assert os.environ[VARIABLE] == "__all__"
    users.search("json:loads")
    assert VARIABLE not in os.environ


@pytest.mark.parametrize("chosen", ["", "one", "__all__"])
def test_what_the_user_has_set_stays(chosen, monkeypatch):
    monkeypatch.setenv(VARIABLE, chosen)
    leave_out()
    users.search("json:loads")
    assert os.environ[VARIABLE] == chosen


def test_the_command_line_leaves_them_out(capsys, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert call(capsys, "--version")[0] == 0
    assert os.environ[VARIABLE] == "__all__"
    users.search("json:loads")
