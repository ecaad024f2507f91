"""The examples in the docstrings of metrics and protocols."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    ("module", "at_least"),
    [
        ("metrics.scores", 2),
        ("metrics.curves", 6),
        ("metrics.rates", 4),
        ("metrics.thresholds", 4),
        ("metrics.counted", 5),
        ("metrics.counted_thresholds", 2),
        ("metrics.identification", 7),
        ("metrics.one_shot", 3),
        ("metrics.templates", 1),
        ("metrics.replicates", 2),
        ("metrics.uncertainty", 3),
        ("metrics.subject_means", 2),
        ("metrics.rate_names", 2),
        ("metrics.log_spaced", 1),
        ("metrics.verification_metric", 4),
        ("metrics.identification_metric", 4),
        ("metrics.open_set_metric", 4),
        ("metrics.one_shot_metric", 3),
        ("metrics.gallery", 3),
        ("metrics.open_set", 10),
        ("metrics.retrieval", 3),
        ("metrics.search", 3),
        ("protocols.comparisons", 3),
        ("protocols.score_curves", 1),
        ("protocols.thin", 3),
        ("evaluating.files.names", 5),
        ("tracking.run_names", 3),
        ("tracking.console", 2),
    ],
)
def test_examples(module, at_least):
    outcome = doctest.testmod(importlib.import_module(f"resemblance.{module}"))
    assert outcome.failed == 0
    assert outcome.attempted >= at_least
