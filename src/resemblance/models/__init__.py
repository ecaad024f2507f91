"""From the bytes of an image to its embedding, and how that is trained."""

from resemblance.models.backbones import Backbone, TimmBackbone, TinyConvNet
from resemblance.models.necks import BNNeck, LinearNeck
from resemblance.models.network import FaceNetwork
from resemblance.models.training_module import FaceTrainingModule

__all__ = [
    "BNNeck",
    "Backbone",
    "FaceNetwork",
    "FaceTrainingModule",
    "LinearNeck",
    "TimmBackbone",
    "TinyConvNet",
]
