"""Templates: one embedding for several images of a subject, as the IJB benchmarks compare them."""

import torch
from torch import Tensor


def aggregate_templates(vectors: Tensor, templates: Tensor, media: Tensor, quality: Tensor | None = None) -> Tensor:
    """T = Σ_m (1/|m|) Σ_{i ∈ m} q_i x_i, divided by its length: mean within a medium, sum over media.

    A video's frames then weigh as much as one photograph, and a bad detection little (IJB-B, Whitelam et al. 2017;
    IJB-C, Maze et al. 2018; the quality weight is the detector's score in the evaluations of ArcFace).

    Args:
        vectors: raw embeddings [N, D], for instance the mean of an image's and its mirror image's.
        templates: int64 [N], the template of each, 0 … T − 1, each of them used.
        media: int64 [N], a label of the medium; one label in two templates means two media.
        quality: q, [N], not negative; None weighs all images alike.

    Returns:
        float32 [T, D] of length 1 (float64 stays float64).

    Raises:
        ValueError: if the sizes differ, a weight is negative or no number, a label between 0 and T − 1 is not used, or
            a template comes out as a vector without direction.

    >>> frames = torch.tensor([[2.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    >>> aggregate_templates(frames, torch.tensor([0, 0, 0]), torch.tensor([7, 7, 8])).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """
    weights = torch.ones(len(vectors)) if quality is None else quality
    if vectors.ndim != 2 or not len(vectors) == len(templates) == len(media) == len(weights):
        raise ValueError(
            f"Each image has one vector, template, medium and quality, but there are {list(vectors.shape)}, "
            f"{len(templates)}, {len(media)} and {len(weights)}."
        )
    if not (torch.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("A quality is negative or no finite number; weights are 0 or more.")
    labels = templates.unique()
    if not torch.equal(labels, torch.arange(len(labels))):
        raise ValueError(f"Templates should be 0 to {len(labels) - 1}, each of them used.")
    # A medium belongs to its template: the pair is the key.
    _, medium, sizes = torch.unique(torch.stack([templates, media]), dim=1, return_inverse=True, return_counts=True)
    share = weights.double() / sizes[medium]
    summed = torch.zeros(len(labels), vectors.shape[1], dtype=torch.float64)
    summed.index_add_(0, templates, vectors.double() * share[:, None])
    lengths = summed.norm(dim=1, keepdim=True)
    if (lengths == 0).any():
        raise ValueError(f"{int((lengths == 0).sum())} templates have no direction: all their weights are zero.")
    return (summed / lengths).to(torch.promote_types(vectors.dtype, torch.float32))
