"""Execute notebooks, all or those named, and write them back with their output:

    pip install -e ".[notebooks]"
    python notebooks/execute.py notebooks/forum_answer.ipynb

Each runs in a copy of this folder beside a copy of the sweeps, where nothing is stored yet, and keeps no times and no
versions, so that a notebook which says what it said before does not change.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

HERE = Path(__file__).parent


def execute(path: Path, folder: Path) -> NotebookNode:
    """Run a notebook in `folder`, which is given copies of the sweeps and the notebooks, and return it with its output.

    Raises:
        CellExecutionError: a cell raised an exception.
    """
    for name in ("sweeps", "notebooks"):
        shutil.copytree(HERE.parent / name, folder / name, ignore=shutil.ignore_patterns("results", "__pycache__"))
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, kernel_name="python3", timeout=600, record_timing=False)
    client.execute(cwd=str(folder / "notebooks"))
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = NotebookNode(kernelspec=spec, language_info={"name": "python"})
    return notebook


def main() -> None:
    """Execute the notebooks that the command names, or all."""
    for path in map(Path, sys.argv[1:] or sorted(HERE.glob("*.ipynb"))):
        with TemporaryDirectory() as folder:
            notebook = execute(path, Path(folder))
        nbformat.write(notebook, path)
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
