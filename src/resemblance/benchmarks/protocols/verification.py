"""All pairs of a set: ours, and the usual tools with all scores laid out for them."""

from collections.abc import Callable

import numpy as np
import torch

from resemblance.benchmarks.protocols.cases import FARS, Case
from resemblance.benchmarks.protocols.inputs import embeddings
from resemblance.benchmarks.protocols.trials import Answer
from resemblance.embeddings import Embeddings
from resemblance.metrics import UnmeasurableRateError, all_pairs, allowed_impostor_errors
from resemblance.protocols import Verification, rate_key
from resemblance.results import THINLY_SUPPORTED, Result
from resemblance.similarity import CosineSimilarity

_ROWS = 512


def ours(case: Case, device: str, *, intervals: bool = False) -> Callable[[], Answer]:
    """The protocol as a run calls it: all figures, ROC and histograms."""
    known, source = embeddings(case.size)
    return lambda: _answer(Verification(FARS)(known, CosineSimilarity(), intervals=intervals), source)


def ours_with_intervals(case: Case, device: str) -> Callable[[], Answer]:
    """The same with 95 % intervals, replicates and the band of the ROC."""
    return ours(case, device, intervals=True)


def ours_in_blocks(case: Case, device: str, *, rows: int) -> Callable[[], Answer]:
    """The same with so many rows at a time, which is nothing that a user would set."""
    protocol = ours(case, device)

    def call() -> Answer:
        usual = all_pairs.BLOCK_SCORES
        all_pairs.BLOCK_SCORES = rows * case.size
        try:
            return protocol()
        finally:
            all_pairs.BLOCK_SCORES = usual

    return call


def scikit_learn(case: Case, device: str) -> Callable[[], Answer]:
    """``sklearn.metrics.roc_curve`` with every operating point, and the figures read off it."""
    from sklearn.metrics import auc, roc_curve

    known, source = embeddings(case.size)

    def call() -> Answer:
        scores, same = laid_out(known)
        far, tar, _ = roc_curve(same, scores, drop_intermediate=False)
        return Answer(read_off(far, tar, float(auc(far, tar)), same), source=source)

    return call


def torchmetrics(case: Case, device: str) -> Callable[[], Answer]:
    """``torchmetrics.classification.BinaryROC`` without thresholds, told not to squash the scores."""
    from torchmetrics.classification import BinaryROC
    from torchmetrics.utilities.compute import auc

    known, source = embeddings(case.size)

    def call() -> Answer:
        scores, same = laid_out(known)
        metric = BinaryROC(thresholds=None, normalization=None)
        metric.update(torch.from_numpy(scores), torch.from_numpy(same))
        far, tar, _ = metric.compute()
        area = float(auc(far.double(), tar.double()))
        return Answer(read_off(far.double().numpy(), tar.double().numpy(), area, same), source=source)

    return call


def laid_out(known: Embeddings) -> tuple[np.ndarray, np.ndarray]:
    """The score of each pair once, float32 [M], and whether it is genuine, bool [M]: what a ROC is made from.

    The scores are those that ours computes: products in float64, rounded to float32.
    """
    unit = torch.nn.functional.normalize(known.vectors.double(), dim=1).numpy()
    identities = known.identities.numpy()
    count = len(unit)
    scores = np.empty(count * (count - 1) // 2, dtype=np.float32)
    same = np.empty(len(scores), dtype=bool)
    filled = 0
    for start in range(0, count, _ROWS):
        stop = min(start + _ROWS, count)
        products = (unit[start:stop] @ unit[start:].T).astype(np.float32)
        for row in range(stop - start):
            later = products[row, row + 1 :]
            place = slice(filled, filled + len(later))
            scores[place] = later
            same[place] = identities[start + row + 1 :] == identities[start + row]
            filled = place.stop
    return scores, same


def read_off(far: np.ndarray, tar: np.ndarray, area: float, same: np.ndarray) -> dict[str, float]:
    """AUC, EER and TAR@FAR from the operating points of a ROC, ascending."""
    genuine = int(np.count_nonzero(same))
    impostors = len(same) - genuine
    figures = {"genuine": float(genuine), "auc": area, "eer": _equal_error_rate(far, tar)}
    for rate in FARS:
        try:
            allowed = allowed_impostor_errors(rate, impostors)
        except UnmeasurableRateError:
            continue
        errors = np.rint(far * impostors)
        figures[f"tar_at_far_{rate_key(rate)}"] = float(tar[np.searchsorted(errors, allowed, side="right") - 1])
    return figures


def _equal_error_rate(far: np.ndarray, tar: np.ndarray) -> float:
    """Where FAR = 1 − TAR, between the two neighbouring operating points."""
    after = int(np.argmax(far >= 1 - tar))
    before = max(after - 1, 0)
    gaps = [float(far[point] - (1 - tar[point])) for point in (before, after)]
    weight = gaps[1] / (gaps[1] - gaps[0]) if gaps[1] != gaps[0] else 0.0
    return float(far[after] + weight * (far[before] - far[after]))


def _answer(result: Result, source: str) -> Answer:
    figures = {key.removeprefix("verification/"): scalar.value for key, scalar in result.scalars.items()}
    genuine = result.scalars["verification/auc"].counts["genuine"]
    notes = [
        f"{scalar.label}: {note}"
        for scalar in result.scalars.values()
        for note in (scalar.note or "").split("; ")
        if note and not note.startswith(THINLY_SUPPORTED)  # which is of the data, not of the computation
    ]
    return Answer({"genuine": float(genuine), **figures}, remark="; ".join(notes) or "all figures exact", source=source)
