"""The site of documentation: made pages are the program's, and none asks anything of another host."""

import importlib
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from nnsweep.cli import cli
from tests.helpers import PROJECT

DOCS = PROJECT / "docs"


@pytest.fixture(scope="module")
def generate():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        yield importlib.import_module("generate")


@pytest.mark.parametrize("page", ["parameters", "verbs", "generated/keys", "generated/blocks", "generated/columns"])
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
    assert [verb for verb in cli.commands if f"`nnsweep {verb}" not in text] == []


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
