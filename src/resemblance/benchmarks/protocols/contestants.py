"""Who competes in each series, ours first."""

from resemblance.benchmarks.protocols import verification
from resemblance.benchmarks.protocols.cases import Case, Series
from resemblance.benchmarks.protocols.trials import Prepare, Trial, run

OURS = "ours"
INTERVALS = "ours, with intervals"
SCIKIT_LEARN, TORCHMETRICS = "scikit-learn", "torchmetrics"
BLOCKS: tuple[str, ...] = ()
FAISS: dict[str, str] = {}
LIBRARY = "pytorch-metric-learning"

CONTESTANTS: dict[Series, dict[str, Prepare]] = {
    "all-pairs": {
        OURS: verification.ours,
        INTERVALS: verification.ours_with_intervals,
        SCIKIT_LEARN: verification.scikit_learn,
        TORCHMETRICS: verification.torchmetrics,
    },
    "growth": {OURS: verification.ours},
}


def trial(name: str, case: Case, device: str, budget: float) -> Trial:
    """Measure a contestant in this process."""
    return run(CONTESTANTS[case.series][name], case, device, budget)
