"""Pure functions on scores and ranks; tensors in, exact figures out."""

from resemblance.metrics.identification import cmc, mate_ranks, rank_k
from resemblance.metrics.one_shot import (
    UnmeasurableEpisodesError,
    interval_over_episodes,
    one_shot_hits,
    sample_episodes,
)
from resemblance.metrics.verification import (
    OperatingPoint,
    Roc,
    UnmeasurableRateError,
    accuracy_at,
    allowed_impostor_errors,
    ascending,
    auc,
    balanced_threshold,
    equal_error_rate,
    roc,
    tar_at_far,
    tar_at_impostor_errors,
)

__all__ = [
    "OperatingPoint",
    "Roc",
    "UnmeasurableEpisodesError",
    "UnmeasurableRateError",
    "accuracy_at",
    "allowed_impostor_errors",
    "ascending",
    "auc",
    "balanced_threshold",
    "cmc",
    "equal_error_rate",
    "interval_over_episodes",
    "mate_ranks",
    "one_shot_hits",
    "rank_k",
    "roc",
    "sample_episodes",
    "tar_at_far",
    "tar_at_impostor_errors",
]
