"""Where images come from: data sets, splits, samplers, augmentation, and the loaders over them."""

from resemblance.data.faces import Batch, FaceDataset
from resemblance.data.source import FaceSource

__all__ = ["Batch", "FaceDataset", "FaceSource"]
