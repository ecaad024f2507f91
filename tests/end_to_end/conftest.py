"""Fixtures of runs from beginning to end."""

import pytest

from tests.end_to_end.smoke import run


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "smoke"
    return path, *run(path)


@pytest.fixture
def without_figures(monkeypatch):
    """Trainings of this process draw nothing, which is most of a rehearsal's time: for tests of what was learned."""
    monkeypatch.setattr("resemblance.training.write_figures", lambda *arguments: None)
