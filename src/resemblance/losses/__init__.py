"""The metric-learning losses, one paper a file."""

from resemblance.losses.angular import AngularLoss
from resemblance.losses.base import LossOutput, MetricLoss
from resemblance.losses.circle import CircleLoss
from resemblance.losses.contrastive import ContrastiveLoss
from resemblance.losses.cosface import CosFaceLoss
from resemblance.losses.cosine_triplet import CosineTripletLoss
from resemblance.losses.cross_batch_memory import CrossBatchMemory
from resemblance.losses.multi_similarity import MultiSimilarityLoss
from resemblance.losses.n_pair import NPairLoss
from resemblance.losses.n_pair_angular import NPairAngularLoss
from resemblance.losses.pml import PmlLoss
from resemblance.losses.proxy_anchor import ProxyAnchorLoss
from resemblance.losses.siamese_l1 import SiameseL1Loss
from resemblance.losses.supervised_contrastive import SupervisedContrastiveLoss
from resemblance.losses.triplet import TripletLoss

__all__ = [
    "AngularLoss",
    "CircleLoss",
    "ContrastiveLoss",
    "CosFaceLoss",
    "CosineTripletLoss",
    "CrossBatchMemory",
    "LossOutput",
    "MetricLoss",
    "MultiSimilarityLoss",
    "NPairAngularLoss",
    "NPairLoss",
    "PmlLoss",
    "ProxyAnchorLoss",
    "SiameseL1Loss",
    "SupervisedContrastiveLoss",
    "TripletLoss",
]
