"""The examples in the docstrings of metrics and protocols."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    ("module", "at_least"),
    [
        ("metrics.scores", 1),
        ("metrics.curves", 6),
        ("metrics.rates", 4),
        ("metrics.thresholds", 4),
        ("metrics.identification", 3),
        ("metrics.one_shot", 3),
        ("metrics.templates", 1),
        ("metrics.uncertainty", 3),
        ("metrics.rate_names", 2),
        ("protocols.identification", 1),
        ("evaluating.names", 5),
        ("tracking.run_names", 3),
        ("tracking.console", 1),
    ],
)
def test_examples(module, at_least):
    outcome = doctest.testmod(importlib.import_module(f"resemblance.{module}"))
    assert outcome.failed == 0
    assert outcome.attempted >= at_least
