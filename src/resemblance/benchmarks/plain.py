"""The losses as one would write them in plain torch, without a thought for cost; for P×K batches."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize, relu


def triplet_table(embeddings: Tensor, identities: Tensor, *, margin: float, semihard: bool) -> Tensor:
    """Batch-all or semi-hard triplet loss by a dense table [P, B] of all genuine pairs against the batch."""
    unit = normalize(embeddings)
    distances = 2 - 2 * unit @ unit.T
    same = identities[:, None] == identities
    anchors, positives = (same & ~torch.eye(len(same), dtype=torch.bool, device=same.device)).nonzero(as_tuple=True)
    differences = distances[anchors, positives][:, None] - distances[anchors]
    selected = ~same[anchors] & (differences + margin > 0)
    if semihard:
        selected &= differences < 0
    return (relu(differences + margin) * selected).sum() / selected.sum().clamp_min(1)


def batch_hard(embeddings: Tensor, identities: Tensor, *, margin: float) -> Tensor:
    """Batch-hard triplet loss: each anchor's farthest positive and nearest negative."""
    unit = normalize(embeddings)
    distances = 2 - 2 * unit @ unit.T
    same = identities[:, None] == identities
    farthest_positives = distances.masked_fill(~same, -torch.inf).max(1).values
    nearest_negatives = distances.masked_fill(same, torch.inf).min(1).values
    return relu(farthest_positives - nearest_negatives + margin).mean()


def cosface(embeddings: Tensor, identities: Tensor, weight: Tensor, *, scale: float, margin: float) -> Tensor:
    """CosFace by a dense matrix [B, C] and torch's cross-entropy."""
    cosines = normalize(embeddings) @ normalize(weight).T
    rows = torch.arange(len(cosines), device=cosines.device)
    cosines[rows, identities] -= margin
    return cross_entropy(scale * cosines, identities)
