"""What is said after Ctrl-C is true of the verb."""

import pytest

from nnsweep.cli import main
from nnsweep.cli.group import cli

GO_ON = "; run the same command to go on."


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["grid.toml"], "Interrupted. What was trained is stored" + GO_ON),
        (["--fresh", "grid.toml"], "Interrupted. What was trained is stored" + GO_ON),
        (["settle", "small"], "Interrupted. What was trained is stored" + GO_ON),
        (["best", "small", "--confirm", "5"], "Interrupted. What was trained is stored" + GO_ON),
        (["best", "small"], "Interrupted."),
        (["merge", "a", "b"], "Interrupted. What was merged is stored" + GO_ON),
        (["import", "csv:a.csv"], "Interrupted. What was imported is stored" + GO_ON),
        (["export", "small", "--to", "trackio"], "Interrupted. What was exported stays there" + GO_ON),
        (["export", "small", "--to=trackio"], "Interrupted. What was exported stays there" + GO_ON),
        (["export", "small", "-o", "a.csv"], "Interrupted."),
        (["gc"], "Interrupted. What was removed is gone" + GO_ON),
        (["rm", "small"], "Interrupted. What was removed is gone" + GO_ON),
        (["plan", "grid.toml"], "Interrupted."),
        (["serve"], "Interrupted."),
        (["--help"], "Interrupted."),
        ([], "Interrupted."),
    ],
)
def test_what_was_done_is_said_of_the_verb_that_did_it(monkeypatch, capsys, args, said):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupted)
    with pytest.raises(SystemExit) as left:
        main(args)
    assert (left.value.code, capsys.readouterr().err) == (130, f"{said}\n")
