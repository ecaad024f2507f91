"""Fixtures of runs from beginning to end."""

import pytest


@pytest.fixture
def without_figures(monkeypatch):
    """Trainings of this process draw nothing, which is most of a rehearsal's time: for tests of what was learned."""
    monkeypatch.setattr("resemblance.training.write_figures", lambda *arguments: None)
