"""The papers' formulas as Python loops over single triplets and pairs: slow, plain, and the oracle of the tests.

Every function takes float64 embeddings [B, D] and identities [B] and returns scalars; gradients come from autograd.
"""

import math

import torch
from torch import Tensor


def unit(x: Tensor) -> Tensor:
    return x / (x * x).sum().sqrt()


def mean(values: list[Tensor], like: Tensor) -> Tensor:
    return sum(values, like.new_zeros(())) / max(len(values), 1)


def hinge(x: Tensor) -> Tensor:
    return x if x > 0 else x * 0


def squared_l2(x: Tensor, y: Tensor) -> Tensor:
    """For unit vectors; written so that duplicates and right angles are exact, as ties are under test."""
    return 2 - 2 * (unit(x) * unit(y)).sum()


def negative_cosine(x: Tensor, y: Tensor) -> Tensor:
    return -(unit(x) * unit(y)).sum()


def positives_of(a: int, identities: list[int]) -> list[int]:
    return [p for p in range(len(identities)) if p != a and identities[p] == identities[a]]


def negatives_of(a: int, identities: list[int]) -> list[int]:
    return [n for n in range(len(identities)) if identities[n] != identities[a]]


def triplet(embeddings: Tensor, identities: Tensor, distance, margin: float, mining: str) -> tuple[Tensor, float]:
    """The loss and its active share."""
    labels = identities.tolist()
    terms, valid, active = [], 0, 0
    for a in range(len(labels)):
        positives, negatives = positives_of(a, labels), negatives_of(a, labels)
        if mining == "hard":
            if positives and negatives:
                farthest = torch.stack([distance(embeddings[a], embeddings[p]) for p in positives]).amax()
                nearest = torch.stack([distance(embeddings[a], embeddings[n]) for n in negatives]).amin()
                terms.append(hinge(farthest - nearest + margin))
                valid += 1
                active += bool(farthest - nearest + margin > 0)
            continue
        for p in positives:
            for n in negatives:
                valid += 1
                d_ap, d_an = distance(embeddings[a], embeddings[p]), distance(embeddings[a], embeddings[n])
                chosen = d_ap < d_an < d_ap + margin if mining == "semihard" else d_ap - d_an + margin > 0
                if chosen:
                    active += 1
                    terms.append(hinge(d_ap - d_an + margin))
    return mean(terms, embeddings), active / max(valid, 1)


def angular_f(a: Tensor, p: Tensor, n: Tensor, angle_degrees: float) -> Tensor:
    t = math.tan(math.radians(angle_degrees)) ** 2
    return 4 * t * ((a + p) * n).sum() - 2 * (1 + t) * (a * p).sum()


def angular(embeddings: Tensor, identities: Tensor, angle_degrees: float) -> Tensor:
    labels = identities.tolist()
    terms = []
    for a in range(len(labels)):
        for p in positives_of(a, labels):
            total = embeddings.new_zeros(())
            for n in negatives_of(a, labels):
                vectors = unit(embeddings[a]), unit(embeddings[p]), unit(embeddings[n])
                total = total + angular_f(*vectors, angle_degrees).exp()
            terms.append((1 + total).log())
    return mean(terms, embeddings)


def pair_distance(x: Tensor, y: Tensor, distance: str) -> Tensor:
    if distance == "l1":
        return (x - y).abs().sum()
    squared = (x - y).square().sum()
    if distance == "squared_l2":
        return squared
    return squared.sqrt() if squared > 0 else squared * 0


def contrastive(
    embeddings: Tensor, identities: Tensor, distance: str, margin: float, mining: str, normalized: bool
) -> tuple[Tensor, float]:
    """The loss and its share of impostor pairs inside the margin."""
    labels = identities.tolist()
    pulls, impostors = [], []
    for i in range(len(labels)):
        for j in range(i):
            x, y = (unit(embeddings[i]), unit(embeddings[j])) if normalized else (embeddings[i], embeddings[j])
            d = pair_distance(x, y, distance)
            if labels[i] == labels[j]:
                pulls.append((d * d if distance == "l2" else d) / 2)
            else:
                impostors.append(d)
    inside = sum(bool(d < margin) for d in impostors) / max(len(impostors), 1)
    if mining == "hard" and pulls:
        impostors = sorted(impostors, key=lambda d: d.item())[: len(pulls)]
    pushes = [hinge(margin - d) ** (2 if distance == "l2" else 1) / 2 for d in impostors]
    return mean(pulls, embeddings) + mean(pushes, embeddings), inside


def cosface(embeddings: Tensor, identities: Tensor, weight: Tensor, scale: float, margin: float) -> Tensor:
    terms = []
    for x, y in zip(embeddings, identities.tolist(), strict=True):
        cosines = [(unit(x) * unit(w)).sum() for w in weight]
        own = (scale * (cosines[y] - margin)).exp()
        rivals = sum((scale * c).exp() for j, c in enumerate(cosines) if j != y)
        terms.append(-(own / (own + rivals)).log())
    return mean(terms, embeddings)
