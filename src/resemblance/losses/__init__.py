"""The metric-learning losses, one paper a file.

What several of them stand on:

* all: ``base`` (input, processes, statistics), ``checks``, ``comparisons``, ``sphere``, ``statistics``;
* losses that a memory can serve: ``pairs`` and the memory itself, ``cross_batch_memory``;
* triplets: ``triplet_family``, ``mining`` with ``mining_windows`` and ``mining_draws``, ``triplet_statistics``;
* one weight vector for each identity: ``classification``, ``class_blocks`` with ``compiled``, ``angles``;
* any loss of pytorch-metric-learning: ``pml`` with ``pml_parts``; what draws: ``step_seeds``.
"""

from resemblance.losses.adaface import AdaFaceLoss
from resemblance.losses.angular import AngularLoss
from resemblance.losses.arcface import ArcFaceLoss
from resemblance.losses.base import LossOutput, MetricLoss
from resemblance.losses.batch_hard import BatchHardTripletLoss
from resemblance.losses.circle import CircleLoss
from resemblance.losses.contrastive import ContrastiveLoss
from resemblance.losses.cosface import CosFaceLoss
from resemblance.losses.cosine_triplet import CosineTripletLoss
from resemblance.losses.cross_batch_memory import CrossBatchMemory
from resemblance.losses.deep_speaker import DeepSpeakerLoss
from resemblance.losses.multi_similarity import MultiSimilarityLoss
from resemblance.losses.n_pair import NPairLoss
from resemblance.losses.n_pair_angular import NPairAngularLoss
from resemblance.losses.normalized_softmax import NormalizedSoftmaxLoss
from resemblance.losses.pml import PmlLoss
from resemblance.losses.proxy_anchor import ProxyAnchorLoss
from resemblance.losses.siamese_l1 import SiameseL1Loss
from resemblance.losses.softmax import SoftmaxLoss
from resemblance.losses.sphereface import SphereFaceLoss
from resemblance.losses.sub_center_arcface import SubCenterArcFaceLoss
from resemblance.losses.supervised_contrastive import SupervisedContrastiveLoss
from resemblance.losses.triplet import TripletLoss
from resemblance.losses.triplet_robust import RobustTripletLoss

__all__ = [
    "AdaFaceLoss",
    "AngularLoss",
    "ArcFaceLoss",
    "BatchHardTripletLoss",
    "CircleLoss",
    "ContrastiveLoss",
    "CosFaceLoss",
    "CosineTripletLoss",
    "CrossBatchMemory",
    "DeepSpeakerLoss",
    "LossOutput",
    "MetricLoss",
    "MultiSimilarityLoss",
    "NPairAngularLoss",
    "NPairLoss",
    "NormalizedSoftmaxLoss",
    "PmlLoss",
    "ProxyAnchorLoss",
    "RobustTripletLoss",
    "SiameseL1Loss",
    "SoftmaxLoss",
    "SphereFaceLoss",
    "SubCenterArcFaceLoss",
    "SupervisedContrastiveLoss",
    "TripletLoss",
]
