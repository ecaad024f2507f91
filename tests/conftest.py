"""Settings of all tests, and the order in which several processes share them out."""

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure.
settings.register_profile("resemblance", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("resemblance")

LONG = ("end_to_end", "distributed", "benchmarks", "notebooks", "comparison", "studies")
"""Folders whose tests take seconds each: they begin first, so that no process is left alone with one at the end."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests first; tests that share a fixture are a group, which ``--dist loadgroup`` keeps together."""
    items.sort(key=lambda item: not any(part in LONG for part in item.path.parts))
    group_of: dict[str, str] = {}
    for item in items:
        shared = _shared_fixtures(item)
        known = [group_of[name] for name in shared if name in group_of]
        for name in shared:
            group_of[name] = known[0] if known else shared[0]
        for other in known[1:]:
            group_of = {name: known[0] if group == other else group for name, group in group_of.items()}
    for item in items:
        if shared := _shared_fixtures(item):
            item.add_marker(pytest.mark.xdist_group(group_of[shared[0]]))


def _shared_fixtures(item: pytest.Item) -> list[str]:
    """Our fixtures of an item that are made once for several tests, where they are defined."""
    information = getattr(item, "_fixtureinfo", None)
    if information is None:  # a doctest has none
        return []
    last = (definitions[-1] for definitions in information.name2fixturedefs.values())
    return sorted(f"{one.baseid}::{one.argname}" for one in last if one.scope != "function" and "tests" in one.baseid)
