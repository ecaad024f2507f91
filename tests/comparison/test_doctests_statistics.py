"""The examples in the docstrings of the statistics."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    ("module", "at_least"),
    [
        ("student", 2),
        ("studentized_range", 2),
        ("blocked", 2),
        ("subjects", 1),
        ("verdicts", 1),
        ("resolution", 1),
        ("ranks", 2),
        ("statistics", 4),
        ("as_one", 4),
    ],
)
def test_the_examples_hold(module, at_least):
    found = doctest.testmod(importlib.import_module(f"resemblance.comparison.{module}"))
    assert found.failed == 0
    assert found.attempted >= at_least
