"""Scores of all pairs of a set of images, genuine and impostor apart."""

import torch
from torch import Tensor

from resemblance.similarity import Scorer, Similarity

BLOCK_SCORES = 2**22
"""Scores at a time."""


def genuine_and_impostor(
    vectors: Tensor, identities: Tensor, similarity: Similarity, block: int = BLOCK_SCORES
) -> tuple[Tensor, Tensor]:
    """Scores of every unordered pair of images, each once, an image never with itself; in no useful order.

    They are computed in float64 and rounded to float32, 4 bytes for each of the N (N − 1) / 2 pairs; beside them,
    memory is O(block).

    Args:
        vectors: [N, D], raw.
        identities: int64 [N].
        similarity: symmetric.
        block: scores at a time, at least one row of them.

    >>> from resemblance.similarity import NegativeL1
    >>> vectors, identities = torch.tensor([[0.0], [1.0], [5.0]]), torch.tensor([4, 4, 9])
    >>> genuine, impostor = genuine_and_impostor(vectors, identities, NegativeL1(normalized=False))
    >>> genuine.tolist(), impostor.tolist()
    ([-1.0], [-5.0, -4.0])

    Raises:
        ValueError: for one identity for each of another number of embeddings, or embeddings that are not finite.
    """
    if len(vectors) != len(identities):
        raise ValueError(f"{len(vectors)} embeddings can't have {len(identities)} identities.")
    if broken := int((~torch.isfinite(vectors).all(dim=1)).sum()):
        raise ValueError(f"{broken} of {len(vectors)} embeddings are NaN or infinite.")
    order = torch.argsort(identities.cpu(), stable=True)  # images of one identity side by side
    _, counts = identities.cpu()[order].unique_consecutive(return_counts=True)
    ends = counts.cumsum(0).repeat_interleave(counts)
    total = len(order) * (len(order) - 1) // 2
    genuine = torch.empty(int((counts * (counts - 1) // 2).sum()))
    impostor = torch.empty(total - len(genuine))
    scorer = Scorer(similarity)
    prepared = scorer.prepare(vectors.cpu()[order])
    step = max(1, block // max(1, len(order)))
    filled = [0, 0]
    for start in range(0, len(order), step):
        scores = scorer.compare(prepared[start : start + step], prepared[start:])
        for row, end in enumerate((ends[start : start + step] - start).tolist()):
            for kind, (out, run) in enumerate(((genuine, scores[row, row + 1 : end]), (impostor, scores[row, end:]))):
                out[filled[kind] : filled[kind] + len(run)] = run
                filled[kind] += len(run)
    return genuine, impostor
