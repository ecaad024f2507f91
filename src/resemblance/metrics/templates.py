"""Templates: one embedding for several images of a subject, as the IJB benchmarks compare them."""

import torch
from torch import Tensor

_ROUNDING = 1e-12
"""Of a sum of float64 vectors, relative to the sum of their lengths."""


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
        ValueError: if the sizes differ, a vector or weight is no finite number, a weight is negative, a label between 0
            and T − 1 is not used, or a template comes out as a vector without direction: of weights that are all zero,
            or of vectors that cancel each other but for the rounding of their type.

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
    if broken := int((~torch.isfinite(vectors).all(dim=1)).sum()):
        raise ValueError(f"{broken} of {len(vectors)} vectors are NaN or infinite, and so would their templates be.")
    labels = templates.unique()
    if not torch.equal(labels, torch.arange(len(labels))):
        raise ValueError(f"Templates should be 0 to {len(labels) - 1}, each of them used.")
    # A medium belongs to its template: the pair is the key.
    _, medium, sizes = torch.unique(torch.stack([templates, media]), dim=1, return_inverse=True, return_counts=True)
    share = weights.double() / sizes[medium]
    if weightless := int((torch.zeros(len(labels), dtype=torch.float64).index_add_(0, templates, share) == 0).sum()):
        raise ValueError(f"{weightless} templates have no direction: all their weights are zero.")
    parts = vectors.double() * share[:, None]
    summed = torch.zeros(len(labels), vectors.shape[1], dtype=torch.float64).index_add_(0, templates, parts)
    lengths = summed.norm(dim=1)
    added = torch.zeros(len(labels), dtype=torch.float64).index_add_(0, templates, parts.norm(dim=1))
    rounding = max(_ROUNDING, torch.finfo(vectors.dtype).eps)
    if cancelled := int((lengths <= rounding * added).sum()):
        raise ValueError(
            f"{cancelled} templates have no direction: their vectors are zero or cancel each other but for rounding."
        )
    return (summed / lengths[:, None]).to(torch.promote_types(vectors.dtype, torch.float32))
