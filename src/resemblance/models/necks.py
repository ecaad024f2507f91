"""Necks: what stands between the backbone's features and the embedding."""

import math
from typing import ClassVar, cast

from torch import Tensor, nn

from resemblance.errors import ConfigurationError


def _check_embedding_size(embedding_size: int) -> None:
    if embedding_size < 1:
        raise ConfigurationError(f"An embedding needs at least one number, not embedding_size={embedding_size}.")


class LinearNeck(nn.Module):
    """Global average pooling, then one linear layer: the embedding of FaceNet before its normalisation.

    Args:
        feature_shape: ``(F, h, w)`` or ``(F,)``, what the backbone gives.
        embedding_size: D.
    """

    needs: ClassVar[tuple[str, ...]] = ("feature_shape", "embedding_size")

    def __init__(self, feature_shape: tuple[int, ...], embedding_size: int) -> None:
        super().__init__()
        _check_embedding_size(embedding_size)
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()) if len(feature_shape) == 3 else nn.Identity()
        self.project = nn.Linear(feature_shape[0], embedding_size)

    def forward(self, features: Tensor) -> Tensor:
        """[B, *feature_shape] to [B, D]."""
        return cast("Tensor", self.project(self.pool(features)))


class BNNeck(nn.Module):
    """BN–Dropout–FC–BN over all positions of the feature maps: option E of ArcFace (Deng et al. 2019).

    It keeps where a feature lies, which global pooling forgets, at the cost of F·h·w·D weights.

    Args:
        feature_shape: ``(F, h, w)`` or ``(F,)``, what the backbone gives.
        embedding_size: D.
        dropout: share of the features that is set to zero in training.
    """

    needs: ClassVar[tuple[str, ...]] = ("feature_shape", "embedding_size")

    def __init__(self, feature_shape: tuple[int, ...], embedding_size: int, dropout: float = 0.4) -> None:
        super().__init__()
        _check_embedding_size(embedding_size)
        if not 0 <= dropout < 1:
            raise ConfigurationError(f"The neck's dropout is a share from 0 to below 1, not neck.dropout={dropout}.")
        norm = nn.BatchNorm2d if len(feature_shape) == 3 else nn.BatchNorm1d
        self.layers = nn.Sequential(
            norm(feature_shape[0]),
            nn.Dropout(dropout),
            nn.Flatten(),
            nn.Linear(math.prod(feature_shape), embedding_size),
            nn.BatchNorm1d(embedding_size),
        )

    def forward(self, features: Tensor) -> Tensor:
        """[B, *feature_shape] to [B, D]."""
        return cast("Tensor", self.layers(features))
