"""Which files a plug-in's identity depends on."""

from importlib import import_module, invalidate_caches

import pytest

from nnsweep.trainers.plugin_source import Source

FILES = {
    "package/__init__.py": "",
    "package/trainer.py": "from . import near\nfrom .deep import inner\nimport beside, numpy, nnsweep\n",
    "package/near.py": "def late():\n    import package.late\n",
    "package/late.py": "",
    "package/stranger.py": "",
    "package/deep/__init__.py": "",
    "package/deep/inner.py": "from ..near import late\nfrom .. import nothing_there\n",
    "beside.py": "import package.trainer",
    "stranger.py": "",
}
NEEDED = {"package", "package.trainer", "package.near", "package.late", "package.deep", "package.deep.inner", "beside"}


@pytest.fixture
def written(module, tmp_path, monkeypatch):
    for name, text in FILES.items():
        module(text, name)
    module("nothing_there = 1", "package/__init__.py")
    monkeypatch.syspath_prepend(tmp_path)
    invalidate_caches()
    import_module("package.trainer")
    return module


def test_what_it_imports_from_beside_itself_counts(written):
    assert set(Source.of("package.trainer").modules) == NEEDED


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_digest_changes_with_these_files_alone(written, name):
    before = Source.of("package.trainer").digest
    written(FILES[name] + "\nchanged = True\n", name)
    module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert (Source.of("package.trainer").digest != before) == (module in NEEDED)


def test_comments_and_docstrings_do_not_count_but_for_the_text(written):
    before = Source.of("package.trainer")
    written(f'"""New."""\n{FILES["package/near.py"]}  # new\n', "package/near.py")
    after = Source.of("package.trainer")
    assert (after, after.digest) == (before, before.digest)
    assert after.text != before.text


def test_line_ends_do_not_count(written, tmp_path):
    before = Source.of("package.trainer")
    path = tmp_path / "package" / "trainer.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert Source.of("package.trainer") == before


def test_the_place_of_the_files_does_not_count(written, tmp_path):
    before = Source.of("package.trainer").digest
    import package.trainer

    (tmp_path / "moved").mkdir()
    for name in ("package", "beside.py"):
        (tmp_path / name).rename(tmp_path / "moved" / name)
    package.trainer.__file__ = str(tmp_path / "moved" / "package" / "trainer.py")
    assert Source.of("package.trainer").digest == before


def test_of_what_is_installed_only_the_package_counts():
    import_module("joblib.logger")
    assert {name.partition(".")[0] for name in Source.of("joblib.logger").modules} == {"joblib"}


def test_a_module_without_a_file_has_none():
    assert Source.of("sys") is None
