"""The classification losses as Python loops over single images and classes; see naive.py."""

import math

import torch
from torch import Tensor

from tests.losses.naive import mean, unit


def class_cosines(x: Tensor, weight: Tensor) -> list[Tensor]:
    """With [C, D] class weights, or [C, K, D] sub-centres of which the nearest counts."""
    centres = weight if weight.ndim == 3 else weight[:, None]
    return [torch.stack([(unit(x) * unit(w)).sum() for w in several]).amax() for several in centres]


def margin_softmax(embeddings: Tensor, identities: Tensor, logits, target, label_smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of logits(x), a list over the classes, after target(i, own logit) has replaced the own one."""
    terms = []
    for i, (x, y) in enumerate(zip(embeddings, identities.tolist(), strict=True)):
        values = logits(x)
        values[y] = target(i, values[y])
        log_total = torch.stack(values).logsumexp(0)
        mean_term = sum(log_total - value for value in values) / len(values)
        terms.append((1 - label_smoothing) * (log_total - values[y]) + label_smoothing * mean_term)
    return mean(terms, embeddings)


def arcface_target(cosine: Tensor, margin: float, easy_margin: bool) -> Tensor:
    theta = cosine.acos()
    if easy_margin:
        return (theta + margin).cos() if theta < math.pi / 2 else cosine
    return (theta + margin).cos() if theta + margin < math.pi else cosine - margin * math.sin(margin)


def sphereface_target(cosine: Tensor, margin: float, mixed: float) -> Tensor:
    theta = cosine.acos()
    k = math.floor(margin * theta.item() / math.pi)
    return (mixed * cosine + (-1) ** k * (margin * theta).cos() - 2 * k) / (1 + mixed)
