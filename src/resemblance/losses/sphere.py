"""The unit sphere, on which most of the losses live."""

import torch
from torch import Tensor

_SMALLEST_NORM = 1e-12


def to_unit_sphere(vectors: Tensor) -> Tensor:
    """The direction x / ‖x‖₂ of each row of [N, D].

    A zero vector has no direction: it stays zero and receives no gradient. ``torch.nn.functional.normalize`` divides
    it by 1e-12 instead and sends 10¹² times the gradient back, which one dead embedding is enough to run into.
    """
    return vectors * inverse_norms(vectors)


def inverse_norms(vectors: Tensor) -> Tensor:
    """1 / ‖x‖₂ of each row of [..., D], as [..., 1]; 0 for a zero vector."""
    norms = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    return torch.where(norms > _SMALLEST_NORM, 1 / norms.clamp_min(_SMALLEST_NORM), 0)
