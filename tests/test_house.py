"""The project's own rules: style, types, imports, what the README promises, what a wheel holds."""

import ast
import itertools
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

from nnsweep import sweepfile
from nnsweep.trainers import load
from tests.helpers import PROJECT, call, files

IMPORTS = (ast.Import, ast.ImportFrom)
TOOLS = Path(sys.executable).parent


def tool(*command, cwd=PROJECT, timeout=120):
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False
    )


def blocks():
    """The README's sh blocks."""
    return re.findall(r"^```sh\n(.*?)^```$", (PROJECT / "README.md").read_text(encoding="utf-8"), re.M | re.S)


def tracked():
    if not (PROJECT / ".git").exists():
        pytest.skip("not a checkout")
    return tool("git", "ls-files").stdout.splitlines()


def test_style():
    done = tool(TOOLS / "ruff", "check", ".")
    assert done.returncode == 0, done.stdout
    done = tool(TOOLS / "ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout


def test_imports_point_down_only():
    done = tool(TOOLS / "lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout


def test_every_room_has_a_layer():
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = " ".join(contracts["contracts"][0]["layers"])
    rooms = {
        path.stem for path in (PROJECT / "nnsweep").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert set(re.findall(r"nnsweep\.(\w+)", layers)) == rooms - {"__init__", "__main__"}


def test_no_imports_go_in_a_circle():
    """Not even those for type checkers alone."""
    graph = grimp.build_graph("nnsweep", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imports).prepare()  # which raises a CycleError that names the circle


def test_tests_mirror_the_package_and_their_helpers_have_one_room():
    tests = PROJECT / "tests"
    rooms = {path.parent.relative_to(PROJECT / "nnsweep") for path in (PROJECT / "nnsweep").rglob("__init__.py")}
    rooms.add(Path("peers"))  # which compares with other libraries
    for path in tests.rglob("*.py"):
        room = path.parent.relative_to(tests)
        if path.name.startswith("test_"):
            assert room in rooms, f"{path.relative_to(PROJECT)}: nnsweep has no room `{room}`"
        elif path.name not in ("__init__.py", "conftest.py"):
            assert room == Path("helpers"), f"{path.relative_to(PROJECT)}: a helper; allowed: in tests/helpers"


@pytest.mark.slow
def test_types():
    done = tool(TOOLS / "pyright", "--pythonpath", sys.executable, timeout=600)
    assert done.returncode == 0, done.stdout


def test_networks_know_numpy_alone():
    others = ["pandas", "sqlite3", "pydantic", "joblib"]
    code = f"import sys, nnsweep.nn; print([m for m in {others} if m in sys.modules])"
    assert tool(sys.executable, "-c", code).stdout == "[]\n"


HEAVY = "pandas", "matplotlib", "joblib", "scipy"
OF_OTHERS = (
    *("nnsweep.folder.restore", "nnsweep.questions.search", "nnsweep.report.search_view", "nnsweep.search_run"),
    *("nnsweep.statistics.race", "nnsweep.store.migrate", "nnsweep.store.verify", "nnsweep.trainers.function"),
    *("nnsweep.nn.engine.compiled.engine", "nnsweep.store.stored_sweep", "nnsweep.trainers.mlp.details"),
    *("nnsweep.trainers.session", "nnsweep.trials.search.methods", "concurrent.futures", "multiprocessing"),
)
"""What a grid that trains the built-in networks does not need: its start would take longer."""

OF_RUNS = (
    *("nnsweep.tables", "nnsweep.results", "nnsweep.run_sweep", "nnsweep.report.run_text", "subprocess"),
    *("nnsweep.execution.runner", "nnsweep.execution.dispatch", "nnsweep.execution.backends"),
    *("nnsweep.execution.environment", "nnsweep.execution.writer", "nnsweep.trainers.live_trial"),
)
"""What a plan does not need."""


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--help"], ("numpy", "pandas", "pydantic", "matplotlib", "difflib")),
        (["plan", "sweeps/forum.toml"], (*HEAVY, *OF_OTHERS, *OF_RUNS)),
        (["sweeps/nothing.toml"], HEAVY),
        (["sweeps/forum.toml", "--no-figures", "--set", "seed=0"], (*HEAVY, *OF_OTHERS)),
        (["sweeps/gates.toml", "--no-figures", "--set", "seed=0", "--set", "epochs=1000"], HEAVY),
    ],
)
def test_a_verb_imports_what_it_needs(arguments, absent, tmp_path):
    code = (
        "import sys\nfrom nnsweep.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        f"print('found', [m for m in {absent} if m in sys.modules])"
    )
    results = [] if "--help" in arguments else ["--results", tmp_path]
    assert tool(sys.executable, "-c", code, *arguments, *results).stdout.splitlines()[-1] == "found []"


@pytest.mark.parametrize("path", sorted((PROJECT / "nnsweep" / "cli").rglob("*.py")), ids=lambda path: path.stem)
def test_a_verb_imports_what_it_calls_in_the_first_lines_of_its_function(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    above = [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    ours = [name for name in above if name.startswith("nnsweep")]
    light = "cli", "errors", "format", "defaults", "pydantic_plugins", "status"
    assert [name for name in ours if name.split(".")[1] not in light] == []


@pytest.mark.parametrize("name", ["defaults", "status"])
def test_what_the_command_line_shares_with_other_rooms_imports_typing_alone(name):
    tree = ast.parse((PROJECT / "nnsweep" / f"{name}.py").read_text(encoding="utf-8"))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [node.module for node in imported if isinstance(node, ast.ImportFrom)] == ["typing"]
    assert len(imported) == 1
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        body = function.body[1:] if ast.get_docstring(function) else function.body
        first = list(itertools.takewhile(lambda statement: isinstance(statement, IMPORTS), body))
        assert [node for node in ast.walk(function) if isinstance(node, IMPORTS)] == first, function.name


ONE_PLACE = {
    r"get_close_matches\(": "format.py",  # the nearest name
    r"did you mean": "format.py",
    r"0\.2126": "figures/contrast.py",  # luminance
    r"^LEVEL = ": "confidence.py",
    r"np\.lexsort\(last_first\)": "questions/rank/grid.py",  # the best cell
    r"< 0\.001": "format.py",  # p-values
    r"\.partition\(\"=\"\)|\.split\(\"=\"": None,  # conditions: see below
}
"""What is written once, and the file that it is in."""
SETTINGS = {"folder/restore.py", "questions/compare/comparison.py", "sweepfile/overrides.py", "trials/where.py"}
"""Files that read `--set`, `--on` and `--where`, each of its own form, and no other."""


@pytest.mark.parametrize("pattern", ONE_PLACE)
def test_a_decision_is_made_in_one_place(pattern):
    package = PROJECT / "nnsweep"
    paths = [path for path in package.rglob("*.py") if re.search(pattern, path.read_text(encoding="utf-8"), re.M)]
    found = {path.relative_to(package).as_posix() for path in paths}
    place = ONE_PLACE[pattern]
    assert found == {place} if place else found <= SETTINGS


def test_the_readme_has_two_blocks():
    first, second = blocks()
    assert "python -m nnsweep sweeps/forum.toml" in first
    assert "python -m pytest" in second


def test_the_readme_names_files_that_exist_and_sweeps_that_load():
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (PROJECT / target).exists(), target
    grid, theirs, search = re.findall(r"^```toml\n(.*?)^```$", text, re.M | re.S)
    assert 'trainer = "mine:train"' in theirs  # which tests/trainers/test_examples.py runs
    assert [axis.name for axis in sweepfile.loads(grid).axes] == ["alpha", "hidden", "epochs", "seed"]
    assert sweepfile.loads(search).search.configurations == 60


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_a_guide_names_files_that_exist(page):
    text = (PROJECT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.\w+|(?:tests|docs)/[a-z_/]+)`", text)
    missing = [name for name in named if not (PROJECT / name).exists() and not (PROJECT / "nnsweep" / name).exists()]
    assert missing == []
    assert len(named) > 5


@pytest.mark.slow
def test_the_readmes_first_block_in_a_clean_clone_and_a_wheel_elsewhere(tmp_path, monkeypatch):
    """One environment for both: the wheel takes the place of the clone that it was installed from."""
    tracked()
    monkeypatch.delenv("PYTHONPATH", raising=False)
    clone, packages = tmp_path / "clone", tmp_path / "clone/.venv/bin"
    assert tool("git", "clone", "--quiet", PROJECT, clone).returncode == 0
    done = tool("bash", "-euo", "pipefail", "-c", blocks()[0], cwd=clone, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2] == "tables and figures: results/forum"
    assert tool("git", "status", "--porcelain", "*.csv", cwd=clone).stdout == ""

    names = install_wheel(packages, tmp_path)
    assert {"nnsweep/py.typed", "nnsweep/sweeps/forum.toml", "nnsweep/report/html/web/page.html.j2"} <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "results/"))]
    where = tool(packages / "python", "-c", "print(__import__('nnsweep').__file__)", cwd=tmp_path).stdout
    assert where.startswith(str(clone / ".venv"))
    assert tool(packages / "nnsweep", "init", "forum", cwd=tmp_path).returncode == 0
    quiet = "--no-figures", "--quiet"  # a slow machine is told of progress
    done = tool(packages / "nnsweep", "grid.toml", *quiet, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert files(tmp_path / "results/forum/tables") == files(PROJECT / "results/forum/tables")


def install_wheel(packages, folder):
    """Build a wheel, and install it in place of what its environment has; the names of what it holds."""
    done = tool(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ".", timeout=600)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    done = tool(
        packages / "pip", "install", "--quiet", "--force-reinstall", "--no-deps", wheel, cwd=folder, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(wheel).namelist()


def test_nothing_committed_names_a_machine():
    pattern = re.compile(r"/(?:home|root|tmp|work)/\w|[a-z]+\.pythonhosted|registry\.npmjs|index-url")
    for name in tracked():
        path = PROJECT / name
        if path.suffix in (".py", ".md", ".toml", ".json", "") and path.is_file() and path != Path(__file__):
            found = pattern.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{name}: {found}"


@pytest.mark.parametrize("sweep", sorted((PROJECT / "sweeps").glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_sweeps_load_and_are_valid_by_the_schema(sweep):
    import jsonschema

    text = sweep.read_text(encoding="utf-8")
    if 'data = "digits"' in text:
        pytest.importorskip("sklearn")
    assert sweepfile.loads(text).name == sweep.stem
    schema = json.loads((PROJECT / "sweeps" / "nnsweep.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(tomllib.loads(text), schema)


def test_the_shipped_schema_is_the_programs(capsys):
    assert (PROJECT / "sweeps" / "nnsweep.schema.json").read_text(encoding="utf-8") == call(capsys, "schema")[1]
    assert load("mlp").parameters.model_fields.keys() >= {"learning_rate", "epochs", "hidden", "seed"}
