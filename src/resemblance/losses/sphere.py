"""The unit sphere, on which most of the losses live."""

import torch
from torch import Tensor

SMALLEST_NORM = 1e-12
"""A vector that is no longer than this counts as zero."""


def to_unit_sphere(vectors: Tensor) -> Tensor:
    """The direction x / ‖x‖₂ of each row of [N, D].

    A zero vector has no direction: it stays zero and receives no gradient. ``torch.nn.functional.normalize`` divides
    it by 1e-12 instead and sends 10¹² times the gradient back, which one dead embedding is enough to run into.
    """
    return vectors * inverse_norms(vectors)


def directions(embeddings: Tensor, references: Tensor) -> tuple[Tensor, Tensor]:
    """Images [B, D] and references [M, D] on the unit sphere, once where the batch is its own references."""
    images = to_unit_sphere(embeddings)
    return images, images if references is embeddings else to_unit_sphere(references)


def inverse_norms(vectors: Tensor) -> Tensor:
    """1 / ‖x‖₂ of each row of [..., D], as [..., 1]; 0 for a zero vector.

    NaN for a vector whose length is beyond the type, some 10¹⁹ in float32: a network that diverges has to show.
    """
    norms = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    norms = norms.masked_fill(norms == torch.inf, torch.nan)
    return 1 / norms.masked_fill(norms <= SMALLEST_NORM, torch.inf)
