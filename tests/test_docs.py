"""The site of documentation: made pages are the program's, and none asks anything of another host."""

import importlib
import io
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser

import click
import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.cli import cli
from tests.helpers import PROJECT, call

DOCS = PROJECT / "docs"


@pytest.fixture(scope="module")
def generate():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        yield importlib.import_module("generate")


@pytest.mark.parametrize(
    "page", ["parameters", "verbs", "generated/keys", "generated/blocks", "generated/columns", "generated/signatures"]
)
def test_a_made_page_is_the_programs(generate, page):
    name = f"{page}.md"
    committed = (DOCS / name).read_text(encoding="utf-8")
    assert committed == generate.PAGES[name]() + "\n", "make it again: python docs/generate.py"


def test_every_made_page_is_tested(generate):
    (parameters,) = test_a_made_page_is_the_programs.pytestmark
    assert [f"{page}.md" for page in parameters.args[1]] == list(generate.PAGES)


def test_every_column_is_described():
    empty = re.findall(r"^\| `([^`]+)` \|  \|$", (DOCS / "generated/columns.md").read_text(encoding="utf-8"), re.M)
    assert empty == [], "say what they are in docs/columns.py"


def test_every_verb_is_in_the_readme():
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert [verb for verb in cli.list_commands(click.Context(cli)) if f"`nnsweep {verb}" not in text] == []


def blocks(name, kind):
    """What stands in a page's blocks of a language."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", (PROJECT / name).read_text(encoding="utf-8"), re.M | re.S)


def commands():
    """Find every command in a block of the site, but for the verbs' usage."""
    for page in sorted(DOCS.glob("*.md")):
        for block in blocks(page.relative_to(PROJECT), "(?:sh|text)"):
            for line in block.splitlines():
                if line.startswith("nnsweep ") and not re.search(r"\[(OPTIONS|[A-Z])", line):
                    yield pytest.param(line, id=f"{page.stem}: {line}")


@pytest.mark.parametrize("line", list(commands()))
def test_a_command_of_the_site_is_one_of_the_programs(line):
    first, *words = shlex.split(re.split(r" && | > ", line)[0], comments=True)
    command, context = cli, click.Context(cli, info_name=first)
    words = words if words[0] in cli.list_commands(context) else ["run", *words]
    while isinstance(command, click.Group):
        name, command, words = command.resolve_command(context, words)
        assert command is not None
        context = command.make_context(name, list(words), context)


def test_the_blocks_on_the_sweep_file_make_one_that_loads():
    sweep = sweepfile.loads("".join(blocks("docs/grid-file.md", "toml")))
    assert [axis.name for axis in sweep.axes] == ["alpha", "hidden", "case", "seed"]
    assert (len(sweep.include), len(sweep.exclude)) == (1, 1)


def test_examples_are_the_readmes_which_are_run():
    for kind in ("python", "toml"):
        example, *_ = blocks("docs/plugins.md", kind)
        assert example in blocks("README.md", kind)


@pytest.mark.slow
def test_the_sweep_in_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    example = blocks("docs/plugins.md", "python")[-1]
    (tmp_path / "script.py").write_text(f"{example}print(results.trained)\n", encoding="utf-8")
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("30\n", "")


def test_what_the_page_on_extending_shows_runs(tmp_path):
    listener, *_, advancing = blocks("docs/extending.md", "python")
    names = {}
    exec(listener, names)
    file = io.StringIO()
    sweep = nnsweep.sweep("heard", fixed={"data": "xor"}, axes={"seed": range(2)})
    trials = nnsweep.run(sweep, tmp_path, figures=False, listeners=[names["Log"](file)]).trials
    *each, last = file.getvalue().splitlines()
    assert each == [f"{id} ok" for id in trials["id"]]
    assert re.fullmatch(r"2 trials in \d+\.\d s", last)
    exec(advancing, names)
    assert [len(outcome.history["loss"]) for outcome in names["outcomes"]] == [6] * 4


@pytest.mark.slow
def test_the_search_of_the_site_says_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (example,), (said, *_) = blocks("docs/search.md", "toml"), blocks("docs/search.md", "text")
    (tmp_path / "search.toml").write_text(example, encoding="utf-8")
    printed = call(capsys, "run", "search.toml", "--no-figures")[1].splitlines()
    assert printed[1:3] == said.splitlines()


@pytest.mark.slow
def test_what_the_site_says_that_the_program_prints_is_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(PROJECT)

    def printed(*arguments):
        said = call(capsys, *arguments, "--results", tmp_path)[1]
        return said.replace(f" --results {tmp_path}", "").replace(str(tmp_path), "results").splitlines()

    (run,) = blocks("docs/quickstart.md", "text")
    said = printed("sweeps/forum.toml")
    assert run.splitlines()[1:] == said[1 : len(run.splitlines())]
    (diagnosis,) = blocks("docs/diagnosis.md", "text")
    assert set(diagnosis.splitlines()) <= set(printed("diagnose", "forum", "--no-figures"))
    compared = " ".join(printed("compare", "forum", "--on", "hidden=2,4"))
    more, lower = re.findall(r"and by more than chance in (\d+)", compared)
    sweeps = " ".join((DOCS / "sweeps.md").read_text(encoding="utf-8").split())
    assert f"more often, by more than chance, in {more} of 84 cells" in sweeps
    assert f"their median error is lower, by more than chance, in {lower}." in sweeps


def test_the_readme_compares_as_the_site_does():
    def table(name):
        text = (PROJECT / name).read_text(encoding="utf-8")
        return re.search(r"^\| what one needs .*?\n\n", text, re.M | re.S)[0]

    assert table("README.md") == re.sub(r"\[(.+?)\]\(#.+?\)", r"\1", table("docs/peers.md"))


def test_files_that_a_page_on_the_code_names_exist():
    pages = [*(PROJECT / name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md")), DOCS / "extending.md"]
    for page in [*pages, *(DOCS / "decisions").glob("*.md")]:
        for name in re.findall(r"`([\w.-]+/[\w/.-]+\.(?:py|md|toml))`", page.read_text(encoding="utf-8")):
            there = (PROJECT / name).exists() or (PROJECT / "nnsweep" / name).exists()
            assert there or "NAME" in name, f"{page.name}: {name}"


def test_a_decision_has_its_parts_and_is_in_the_index():
    pages = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "decisions").glob("*.md")}
    listed = re.findall(r"^- \[(.+)\]\((\S+)\)$", pages.pop("index.md"), re.M)
    assert sorted(name for _, name in listed) == sorted(pages)
    for title, name in listed:
        heading, *rest = pages[name].split("\n\n")
        assert heading == f"# {title}", name
        parts = [part for each in rest for part in re.findall(r"\A\*\*(\w+)\.\*\*", each)]
        assert parts == ["Context", "Decision", "Consequences"], name


class Requests(HTMLParser):
    """What a page loads when it is opened."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag in ("script", "img", "iframe", "source", "link"):
            self.found.append(named.get("src") or named.get("href") or "")


@pytest.mark.slow
def test_the_site_is_built_without_warnings_and_asks_nothing_of_other_hosts(tmp_path):
    pytest.importorskip("sphinx")
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "docs", tmp_path]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    pages = [*tmp_path.rglob("*.html")]
    assert len(pages) > 15
    for page in pages:
        requests = Requests()
        requests.feed(page.read_text(encoding="utf-8"))
        assert [url for url in requests.found if re.match(r"(https?:)?//", url)] == [], page.name
    abroad = re.compile(r"""(url\(|@import)\s*["']?(https?:)?//""")
    for style in tmp_path.rglob("*.css"):
        assert not abroad.search(style.read_text(encoding="utf-8")), style.name
