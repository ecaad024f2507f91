"""Every notebook is committed without outputs and runs from top to bottom, leaving nothing behind."""

import resource

import nbformat
import pytest
from nbclient import NotebookClient

from tests.helpers import REPOSITORY

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
SECONDS = 60
TRAINS_LONG = {"reading_a_comparison", "verify_and_identify"}
"""Notebooks whose trainings take a quarter of a minute or more."""
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
every_notebook_in_its_time = pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[pytest.mark.slow] if path.stem in TRAINS_LONG else []) for path in NOTEBOOKS],
    ids=lambda path: path.stem,
)


def repository_files():
    """All but hidden folders, caches and runs, which other programs may write meanwhile."""
    ignored = {"runs", "multirun", "outputs", "studies", "compare"}
    tops = (path for path in REPOSITORY.iterdir() if not path.name.startswith(".") and path.name not in ignored)
    files = {file for top in tops for file in (top, *top.rglob("*")) if "__pycache__" not in file.parts}
    return files | set((REPOSITORY / "notebooks").rglob("*"))


def processor_seconds():
    """Of the processes that have ended: what a quiet machine would take, however busy this one is."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_there_are_notebooks_and_the_readme_names_them():
    assert len(NOTEBOOKS) == 4
    text = (REPOSITORY / "README.md").read_text("utf-8")
    assert [path.name for path in NOTEBOOKS if f"(notebooks/{path.name})" not in text] == []


@every_notebook
def test_outputs_are_stripped(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@every_notebook_in_its_time
def test_runs_without_errors_and_leaves_nothing_behind(path, tmp_path, monkeypatch):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    for variable in ("TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "RESEMBLANCE_CACHE"):
        monkeypatch.setenv(variable, str(elsewhere))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # in `make test-slow` too
    notebook = nbformat.read(path, as_version=4)
    before, began = repository_files(), processor_seconds()

    client = NotebookClient(
        notebook, timeout=10 * SECONDS, kernel_name="python3", resources={"metadata": {"path": str(here)}}
    )
    client.create_kernel_manager().shutdown_wait_time = SECONDS  # a busy machine takes longer to tidy up than 5 s
    client.execute()

    assert 0 < processor_seconds() - began < SECONDS
    assert repository_files() == before
    assert not list(here.iterdir())
    assert not list(elsewhere.rglob("metrics.json")), "its runs are temporary"
