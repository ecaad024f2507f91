"""Settings of all tests, and the order in which two processes share their files out."""

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure.
settings.register_profile("resemblance", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("resemblance")

LONG = ("end_to_end", "distributed", "notebooks", "benchmarks", "comparison", "studies")
"""Folders whose tests take seconds each; they begin first, so that nobody is left alone with one at the end."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests first."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(item.config.rootpath).parts[1]
    return LONG.index(folder) if folder in LONG else len(LONG)
