"""Retrieval metrics: ours and pytorch-metric-learning's calculator."""

from collections.abc import Callable

import torch

from resemblance.benchmarks.protocols.cases import Case
from resemblance.benchmarks.protocols.inputs import embeddings
from resemblance.benchmarks.protocols.trials import Answer
from resemblance.protocols.retrieval import Retrieval
from resemblance.similarity import CosineSimilarity

_LIBRARY_NAMES = {
    "precision_at_1": "r_at_1",
    "r_precision": "r_precision",
    "mean_average_precision_at_r": "map_at_r",
}


def ours(case: Case, device: str) -> Callable[[], Answer]:
    """The protocol with its intervals and replicates."""
    known, source = embeddings(case.size)

    def call() -> Answer:
        scalars = Retrieval()(known, CosineSimilarity()).scalars
        figures = {key.removeprefix("retrieval/"): scalar.value for key, scalar in scalars.items()}
        return Answer({"queries": float(scalars["retrieval/r_precision"].counts["queries"]), **figures}, source=source)

    return call


def theirs(case: Case, device: str) -> Callable[[], Answer]:
    """``AccuracyCalculator`` with as many neighbours as its metrics need, on unit vectors."""
    from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator

    known, source = embeddings(case.size)

    def call() -> Answer:
        calculator = AccuracyCalculator(tuple(_LIBRARY_NAMES), k="max_bin_count", device=torch.device("cpu"))
        unit = torch.nn.functional.normalize(known.vectors, dim=1)
        found = calculator.get_accuracy(unit, known.identities)
        return Answer({ours: float(found[theirs]) for theirs, ours in _LIBRARY_NAMES.items()}, source=source)

    return call
