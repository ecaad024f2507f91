"""Who competes in each series, ours first."""

from functools import partial

from resemblance.benchmarks.protocols import one_shot, retrieval, search, verification, view_2
from resemblance.benchmarks.protocols.cases import Case, Series
from resemblance.benchmarks.protocols.trials import Prepare, Trial, run

OURS = "ours"
INTERVALS = "ours, with intervals"
BLOCKS = {f"ours, {rows:,} rows at a time": rows for rows in (64, 1024)}
SCIKIT_LEARN, TORCHMETRICS = "scikit-learn", "torchmetrics"
BY_DISTANCE = "ours, by distance"
FAISS = {OURS: "FAISS IndexFlatIP", BY_DISTANCE: "FAISS IndexFlatL2"}
"""Whom each of ours is measured against in a search."""
REFERENCES = {theirs: name for name, theirs in FAISS.items()}
"""Which of ours somebody is measured against, where it is not :data:`OURS`: who does the same thing."""
LIBRARY = "pytorch-metric-learning"
PLAIN = "plain torch, one by one"

CONTESTANTS: dict[Series, dict[str, Prepare]] = {
    "all-pairs": {
        OURS: verification.ours,
        INTERVALS: verification.ours_with_intervals,
        **{name: partial(verification.ours_in_blocks, rows=rows) for name, rows in BLOCKS.items()},
        SCIKIT_LEARN: verification.scikit_learn,
        TORCHMETRICS: verification.torchmetrics,
    },
    "search": {
        OURS: search.ours,
        FAISS[OURS]: search.inner_product_index,
        BY_DISTANCE: search.ours_by_distance,
        FAISS[BY_DISTANCE]: search.distance_index,
    },
    "view-2": {OURS: view_2.ours},
    "retrieval": {OURS: retrieval.ours, LIBRARY: retrieval.theirs},
    "one-shot": {OURS: one_shot.ours, PLAIN: one_shot.plain_loop},
    "growth": {OURS: verification.ours, INTERVALS: verification.ours_with_intervals},
}


def trial(name: str, case: Case, device: str, budget: float) -> Trial:
    """Measure a contestant in this process; on a GPU only our search."""
    where = device if case.series == "search" and name in FAISS else "cpu"
    return run(CONTESTANTS[case.series][name], case, where, budget)
