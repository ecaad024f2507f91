"""Every notebook is committed without outputs and runs from top to bottom, leaving nothing behind."""

import time

import nbformat
import pytest
from nbclient import NotebookClient

from tests.helpers import REPOSITORY

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
SECONDS = 60
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def repository_files():
    """All but hidden folders, caches and runs, which other programs may write meanwhile."""
    ignored = {"runs", "multirun", "outputs"}
    tops = (path for path in REPOSITORY.iterdir() if not path.name.startswith(".") and path.name not in ignored)
    files = {file for top in tops for file in (top, *top.rglob("*")) if "__pycache__" not in file.parts}
    return files | set((REPOSITORY / "notebooks").rglob("*"))


def test_there_are_notebooks():
    assert NOTEBOOKS


@every_notebook
def test_outputs_are_stripped(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@every_notebook
def test_runs_without_errors_and_leaves_nothing_behind(path, tmp_path, monkeypatch):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    for variable in ("TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "RESEMBLANCE_CACHE"):
        monkeypatch.setenv(variable, str(elsewhere))
    notebook = nbformat.read(path, as_version=4)
    before, began = repository_files(), time.monotonic()

    NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(here)}}
    ).execute()

    assert time.monotonic() - began < SECONDS
    assert repository_files() == before
    assert not list(here.iterdir())
    assert not list(elsewhere.rglob("metrics.json")), "its runs are temporary"
