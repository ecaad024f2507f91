"""Pure functions on scores and ranks, tensors in, exact figures out; and torchmetrics classes over them."""

from resemblance.metrics.curves import Det, Roc, auc, det, equal_error_rate, roc
from resemblance.metrics.identification import cmc, mate_ranks, rank_k
from resemblance.metrics.identification_metric import IdentificationRate
from resemblance.metrics.one_shot import (
    UnmeasurableEpisodesError,
    one_shot_hits,
    sample_episodes,
)
from resemblance.metrics.one_shot_metric import OneShotAccuracy
from resemblance.metrics.open_set_metric import OpenSetIdentification
from resemblance.metrics.rates import (
    OperatingPoint,
    UnmeasurableRateError,
    allowed_impostor_errors,
    fnmr_at_fmr,
    tar_at_far,
    tar_at_impostor_errors,
)
from resemblance.metrics.scores import ascending
from resemblance.metrics.thresholds import BestAccuracy, accuracy_at, balanced_threshold, best_accuracy
from resemblance.metrics.uncertainty import interval_over_episodes
from resemblance.metrics.verification_metric import VerificationROC

__all__ = [
    "BestAccuracy",
    "Det",
    "IdentificationRate",
    "OneShotAccuracy",
    "OpenSetIdentification",
    "OperatingPoint",
    "Roc",
    "UnmeasurableEpisodesError",
    "UnmeasurableRateError",
    "VerificationROC",
    "accuracy_at",
    "allowed_impostor_errors",
    "ascending",
    "auc",
    "balanced_threshold",
    "best_accuracy",
    "cmc",
    "det",
    "equal_error_rate",
    "fnmr_at_fmr",
    "interval_over_episodes",
    "mate_ranks",
    "one_shot_hits",
    "rank_k",
    "roc",
    "sample_episodes",
    "tar_at_far",
    "tar_at_impostor_errors",
]
