"""`nnsweep settle`, as a user meets it: seeds are added until two settings are told apart, and not for longer."""

import json
from math import comb

import pandas as pd
import pytest

from nnsweep.questions.settle.text import format_settlement
from tests.helpers import call

GIVEN = """
# coin.py: 1 wins where seed % 10 is 0 alone, 2 wins besides in "far" with 6 of 10 seeds, in "near" with none
from pathlib import Path


def train(way=1, place="far", seed=0):
    with Path("calls.txt").open("a") as calls:
        calls.write(f"{way} {place} {seed}\\n")
    won = seed % 10 == 0 or (way == 2 and place == "far" and seed % 10 < 7)
    return {"error": 0.0 if won else 1.0}
"""
SWEEP = """
name = "coin"
trainer = "coin:train"
[axes]
way = [1, 2]
place = ["far", "near"]
seed = { count = 5 }
[success]
metric = "error"
below = 0.5
"""


@pytest.fixture
def coin(tmp_path, module):
    module(GIVEN.replace("\\\\n", "\\n"), "coin.py")
    (tmp_path / "coin.toml").write_text(SWEEP, encoding="utf-8")
    return tmp_path


def evidence(wins, losses=0):
    """2ⁿ / ((n + 1) · C(n, k))"""
    return 2 ** (wins + losses) / ((wins + losses + 1) * comb(wins + losses, wins))


def settle(capsys, *options):
    return call(capsys, "settle", "coin.toml", "--on", "way=1,2", "--jobs", "1", *options)


def test_it_ends_as_soon_as_the_evidence_is_enough(coin, capsys):
    """Of the seeds 0 to 14 way 2 wins 1 to 6 and 11 to 14 alone: evidence of 2¹⁰ / 11."""
    code, said, heard = settle(capsys, "--where", "place=far")
    assert code == 0
    assert heard == "5 seeds: 1 of 1 cell open; adding 10 more\n"
    assert said.startswith(
        "way = 2 against way = 1: succeeds more often, settled after 15 seeds "
        "(10 seeds for more, 0 for less, evidence 93.1); difference +67 %, between +"
    )
    assert said.endswith(" % (95 %, at all times)\nwritten: results/coin/tables/settle_way=1_with_2.csv\n")
    table = pd.read_csv("results/coin/tables/settle_way=1_with_2.csv")
    assert table["e"].tolist() == pytest.approx([evidence(10)])
    assert 0 < table["low"].tolist()[0] < 2 / 3 < table["high"].tolist()[0]


def test_without_a_difference_it_says_how_large_it_can_be(coin, capsys):
    code, said, heard = settle(capsys, "--where", "place=near", "--max-seeds", "60")
    assert code == 0
    assert [line.split(":")[0] for line in heard.splitlines()] == [
        "5 seeds",
        "15 seeds",
        "25 seeds",
        "35 seeds",
        "45 seeds",
        "57 seeds",
    ]
    assert said.startswith(
        "way = 2 against way = 1: not settled after 60 seeds (0 seeds for more, 0 for less, evidence 1 of 20); "
        "difference 0 %, between −8 and +8 % (95 %, at all times)\n"
    )


def test_settled_cells_get_no_more_seeds_and_what_is_stored_is_not_trained_again(coin, capsys):
    code, said, _ = settle(capsys, "--each", "--max-seeds", "40")
    assert code == 0
    lines = said.splitlines()
    assert lines[0] == "way = 2 against way = 1: 1 of 2 cells settled at 95 %, all together"
    # Of two cells the first must reach 40: nine wins are 51.2, eight 28.4.
    assert lines[1].startswith(
        "  place = far: succeeds more often, settled after 15 seeds (10 seeds for more, 0 for less"
    )
    assert lines[2].startswith("  place = near: not settled after 40 seeds (0 seeds for more")
    calls = (coin / "calls.txt").read_text().splitlines()
    assert len(set(calls)) == 2 * (15 + 40)  # of each round, one is trained twice, to see whether it is the same
    again = settle(capsys, "--each", "--max-seeds", "40", "--json", "--quiet")
    assert [row["seeds"] for row in json.loads(again[1])] == [15, 40]
    assert (coin / "calls.txt").read_text().splitlines() == calls


def test_all_cells_together_a_seed_counts_once(coin, capsys):
    code, said, _ = settle(capsys, "--quiet")
    assert code == 0
    assert said.startswith(
        "way = 2 against way = 1, over 2 cells: succeeds more often, settled after 15 seeds "
        "(10 seeds for more, 0 for less, evidence 93.1); its size is less sure: difference +33 %, "
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--on", "way=1,3"], "--on way=1,3: found 1,3; allowed: two of 1, 2"),
        (["--on", "width=1,3"], "--on width=1,3: no axis `width`; allowed: way, place"),
        (["--on", "way=1,2", "--where", "place=there"], "no trial with place = there; allowed: far, near"),
    ],
)
def test_what_cannot_be_asked(coin, capsys, options, message):
    assert call(capsys, "settle", "coin.toml", *options) == (2, "", f"Error: {message}\n")


def test_an_axis_of_one_value_has_no_two(coin, capsys):
    (coin / "coin.toml").write_text(SWEEP.replace("way = [1, 2]", "way = [2]"), encoding="utf-8")
    message = "Error: --on way=1,2: found 1,2; `way` has one value here: 2\n"
    assert call(capsys, "settle", "coin.toml", "--on", "way=1,2") == (2, "", message)


def test_seeds_and_success_are_needed(coin, capsys):
    (coin / "coin.toml").write_text(SWEEP.replace("seed = { count = 5 }\n", ""), encoding="utf-8")
    message = "Error: coin: has no axis of seeds; give it one, such as seed = { count = 30 }\n"
    assert settle(capsys) == (2, "", message)
    (coin / "coin.toml").write_text(SWEEP[: SWEEP.index("[success]")], encoding="utf-8")
    message = "Error: coin: success is not defined; give the sweep a [success] and run it again\n"
    assert settle(capsys) == (2, "", message)


def test_where_nothing_ends_it_says_so(coin, capsys):
    (coin / "loser.py").write_text("def train(way=1, place='far', seed=0):\n    raise ValueError('no')")
    (coin / "coin.toml").write_text(SWEEP.replace("coin:train", "loser:train"), encoding="utf-8")
    code, said, heard = settle(capsys)
    assert (code, said) == (2, "")
    assert heard.endswith("Error: coin: no cell and seed has ended with way = 1 and with way = 2\n")


def test_one_seed_is_one():
    row = {"answer": "open", "seeds": 2, "more": 1, "less": 0, "e": 1.0, "difference": 0.5, "low": -0.9, "high": 1.0}
    said = format_settlement(pd.DataFrame([row]), ("way = 1", "way = 2"), 1, ())
    assert "(1 seed for more, 0 for less, " in said
