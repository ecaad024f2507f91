"""The triplet family as Python loops over single triplets, in float64, with references beside the batch."""

import torch
from torch import Tensor

from tests.losses.naive import hinge, mean


def others_of(a: int, images: list[int], references: list[int]) -> tuple[list[int], list[int]]:
    """Positives and negatives of an anchor among the references, which end with the images."""
    itself = len(references) - len(images) + a
    positives = [p for p in range(len(references)) if p != itself and references[p] == images[a]]
    return positives, [n for n in range(len(references)) if references[n] != images[a]]


def triplets_of(images: list[int], references: list[int]) -> list[tuple[int, int, int]]:
    found = []
    for a in range(len(images)):
        positives, negatives = others_of(a, images, references)
        found += [(a, p, n) for p in positives for n in negatives]
    return found


def table(embeddings: Tensor, distance, references: Tensor | None = None) -> Tensor:
    """[B, M] of the distances between single vectors."""
    others = embeddings if references is None else references
    return torch.stack([torch.stack([distance(x, y) for y in others]) for x in embeddings])


def first(least_or_most, row: Tensor, images: list[int]) -> Tensor:
    """The least or largest distance to these images, of equal ones the first."""
    return row[least_or_most(images, key=lambda image: row[image].item())]


def mined(d: Tensor, images: list[int], references: list[int], margin: float, mining: str) -> tuple[Tensor, float]:
    """The loss and its active share, from distances [B, M]."""
    terms, candidates = [], 0
    for a in range(len(images)):
        positives, negatives = others_of(a, images, references)
        if not positives or not negatives:
            continue
        if mining == "hard":
            candidates += 1
            terms.append(hinge(first(max, d[a], positives) - first(min, d[a], negatives) + margin))
        elif mining == "easy_positive":
            nearest = first(min, d[a], positives)
            if beyond := [n for n in negatives if d[a, n] > nearest]:
                candidates += 1
                terms.append(hinge(nearest - first(min, d[a], beyond) + margin))
        elif mining == "hardest_semihard":
            for p in positives:
                candidates += 1
                semihard = [n for n in negatives if d[a, p] < d[a, n] < d[a, p] + margin]
                if semihard:
                    terms.append(hinge(d[a, p] - first(min, d[a], semihard) + margin))
        else:
            for p in positives:
                for n in negatives:
                    candidates += 1
                    if d[a, n] < d[a, p] + margin and (mining == "all" or d[a, p] < d[a, n]):
                        terms.append(hinge(d[a, p] - d[a, n] + margin))
    active = sum(bool(term > 0) for term in terms)
    return mean(terms, d), active / max(candidates, 1)


def triplet(embeddings: Tensor, identities: Tensor, distance, margin: float, mining: str) -> tuple[Tensor, float]:
    """The loss of a batch and its active share."""
    labels = identities.tolist()
    return mined(table(embeddings, distance), labels, labels, margin, mining)


def zero_loss_share(embeddings: Tensor, identities: Tensor, distance, margin: float) -> float:
    """Share of all valid triplets whose hinge is zero."""
    d, labels = table(embeddings, distance), identities.tolist()
    triplets = triplets_of(labels, labels)
    return sum(bool(d[a, n] >= d[a, p] + margin) for a, p, n in triplets) / max(len(triplets), 1)


def euclidean(x: Tensor, y: Tensor) -> Tensor:
    """‖x − y‖₂, without gradient between duplicates."""
    squared = (x - y).square().sum()
    return squared.sqrt() if squared > 0 else squared * 0


def batch_hard(embeddings: Tensor, identities: Tensor, distance, margin: float | None) -> Tensor:
    """Batch hard with a hinge, or with the soft margin log(1 + exp(·)) for None."""
    d, labels = table(embeddings, distance), identities.tolist()
    terms = []
    for a in range(len(labels)):
        positives, negatives = others_of(a, labels, labels)
        if positives and negatives:
            x = max(d[a, p] for p in positives) - min(d[a, n] for n in negatives)
            terms.append(hinge(x + margin) if margin is not None else (1 + x.exp()).log())
    return mean(terms, embeddings)
