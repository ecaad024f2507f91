"""The metric-learning losses, one paper a file."""

from resemblance.losses.angular import AngularLoss
from resemblance.losses.base import LossOutput, MetricLoss
from resemblance.losses.contrastive import ContrastiveLoss
from resemblance.losses.cosface import CosFaceLoss
from resemblance.losses.cosine_triplet import CosineTripletLoss
from resemblance.losses.triplet import TripletLoss

__all__ = [
    "AngularLoss",
    "ContrastiveLoss",
    "CosFaceLoss",
    "CosineTripletLoss",
    "LossOutput",
    "MetricLoss",
    "TripletLoss",
]
