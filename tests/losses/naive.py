"""The papers' formulas as Python loops over single triplets and pairs: slow, plain, and the oracle of the tests.

Every function takes float64 embeddings [B, D] and identities [B] and returns scalars; gradients come from autograd.
"""

import math

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


def pairs_of(images: int, first: int) -> list[tuple[int, int]]:
    """Every unordered pair; where rows before ``first`` are references only, every image with every reference."""
    if first == 0:
        return [(i, j) for i in range(images) for j in range(i)]
    return [(i, j) for i in range(first, images) for j in range(images) if i != j]


def contrastive(
    embeddings: Tensor, identities: Tensor, distance: str, margin: float, mining: str, normalized: bool, first: int = 0
) -> tuple[Tensor, float]:
    """The loss and its share of impostor pairs inside the margin."""
    labels = identities.tolist()
    pulls, impostors = [], []
    for i, j in pairs_of(len(labels), first):
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


def siamese_l1(
    embeddings: Tensor, identities: Tensor, weight: Tensor, offset: Tensor | float, first: int = 0
) -> Tensor:
    labels = identities.tolist()
    genuine, impostor = [], []
    for i, j in pairs_of(len(labels), first):
        logit = offset
        for alpha, x, y in zip(weight, embeddings[i], embeddings[j], strict=True):
            logit = logit + alpha * (1 / (1 + (-x).exp()) - 1 / (1 + (-y).exp())).abs()
        p = 1 / (1 + (-logit).exp())
        if labels[i] == labels[j]:
            genuine.append(-p.log())
        else:
            impostor.append(-(1 - p).log())
    return (mean(genuine, embeddings) + mean(impostor, embeddings)) / 2


def n_pair(embeddings: Tensor, identities: Tensor, norm_penalty: float) -> Tensor:
    images: dict[int, list[Tensor]] = {}
    for x, label in zip(embeddings, identities.tolist(), strict=True):
        images.setdefault(label, []).append(x)
    pairs = [(label, x[k], x[k + 1]) for label, x in images.items() for k in range(0, len(x) - 1, 2)]
    terms, squares = [], []
    for label, anchor, positive in pairs:
        others = [p for other, _, p in pairs if other != label]
        if not others:
            continue
        sums = sum(((anchor * p).sum() - (anchor * positive).sum()).exp() for p in others)
        terms.append((1 + sums).log())
        squares += [(anchor * anchor).sum(), (positive * positive).sum()]
    return mean(terms, embeddings) + norm_penalty / 2 * mean(squares, embeddings)


def cosines_of(i: int, others: list[int], embeddings: Tensor) -> list[Tensor]:
    return [-negative_cosine(embeddings[i], embeddings[j]) for j in others]


def circle(embeddings: Tensor, identities: Tensor, scale: float, margin: float, first: int = 0) -> Tensor:
    labels = identities.tolist()
    terms = []
    for i in range(first, len(labels)):
        positives = cosines_of(i, positives_of(i, labels), embeddings)
        negatives = cosines_of(i, negatives_of(i, labels), embeddings)
        if not positives or not negatives:
            continue
        pulls = sum((-scale * hinge(1 + margin - s.detach()) * (s - (1 - margin))).exp() for s in positives)
        pushes = sum((scale * hinge(s.detach() + margin) * (s - margin)).exp() for s in negatives)
        terms.append((1 + pulls * pushes).log())
    return mean(terms, embeddings)


def multi_similarity(
    embeddings: Tensor, identities: Tensor, alpha: float, beta: float, threshold: float, epsilon: float, first: int = 0
) -> tuple[Tensor, float]:
    """The loss and the share of pairs that are mined."""
    labels = identities.tolist()
    terms, mined, pairs = [], 0, 0
    for i in range(first, len(labels)):
        positives = cosines_of(i, positives_of(i, labels), embeddings)
        negatives = cosines_of(i, negatives_of(i, labels), embeddings)
        pairs += len(positives) + len(negatives)
        hard_positives = [s for s in positives if negatives and s < max(negatives) + epsilon]
        hard_negatives = [s for s in negatives if positives and s > min(positives) - epsilon]
        mined += len(hard_positives) + len(hard_negatives)
        pulls = sum(((-alpha * (s - threshold)).exp() for s in hard_positives), embeddings.new_zeros(()))
        pushes = sum(((beta * (s - threshold)).exp() for s in hard_negatives), embeddings.new_zeros(()))
        terms.append((1 + pulls).log() / alpha + (1 + pushes).log() / beta)
    return mean(terms, embeddings), mined / max(pairs, 1)


def supervised_contrastive(embeddings: Tensor, identities: Tensor, temperature: float, first: int = 0) -> Tensor:
    labels = identities.tolist()
    terms = []
    for i in range(first, len(labels)):
        positives, negatives = positives_of(i, labels), negatives_of(i, labels)
        if not positives or not negatives:
            continue
        total = sum((s / temperature).exp() for s in cosines_of(i, positives + negatives, embeddings))
        logs = [((s / temperature).exp() / total).log() for s in cosines_of(i, positives, embeddings)]
        terms.append(-sum(logs) / len(positives))
    return mean(terms, embeddings)


def proxy_anchor(embeddings: Tensor, identities: Tensor, proxies: Tensor, scale: float, margin: float) -> Tensor:
    labels = identities.tolist()
    pulls, pushes = [], []
    for label, proxy in enumerate(proxies):
        own = [-negative_cosine(x, proxy) for x, other in zip(embeddings, labels, strict=True) if other == label]
        others = [-negative_cosine(x, proxy) for x, other in zip(embeddings, labels, strict=True) if other != label]
        if own:
            pulls.append((1 + sum((-scale * (s - margin)).exp() for s in own)).log())
        pushes.append((1 + sum((scale * (s + margin)).exp() for s in others)).log() if others else proxies.sum() * 0)
    return mean(pulls, embeddings) + mean(pushes, embeddings)
