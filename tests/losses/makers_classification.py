"""The losses with one weight vector for each identity."""

from resemblance.losses import CosFaceLoss

SIZE = 6
"""D of the embeddings that they take."""
CLASSIFICATION = {"cosface": lambda: CosFaceLoss(8, SIZE, scale=16.0, label_smoothing=0.1)}
