"""How far one gets on the rendered faces without learning: three naive baselines.

``python -m resemblance.data.rendered.difficulty`` prints the table of ``docs/rendered_faces.md``; ``--threads 2``
sets the number of threads, for the speed that it logs.
"""

import argparse
import logging
import time
from typing import NamedTuple

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, normalize

from resemblance.data.faces import FaceDataset
from resemblance.data.rendered.source import RenderedFaces

logger = logging.getLogger(__name__)

PRINCIPAL_COMPONENTS = 64


class Difficulty(NamedTuple):
    """What a description of images achieves on identities that it has never seen."""

    verification_auc: float
    """Chance that a genuine pair is more alike than an impostor pair, over all pairs of test images."""
    rank_1: float
    """Share of probes whose nearest gallery image is of the same person; the gallery is everyone's first image."""


def thumbnails(images: Tensor) -> Tensor:
    """8×8 means of each channel, centred for each image: float32 [N, 192]."""
    small = adaptive_avg_pool2d(images.float() / 255.0, 8)
    return (small - small.mean(dim=(2, 3), keepdim=True)).flatten(1)


def colour_histograms(images: Tensor) -> Tensor:
    """Square roots of the joint histogram of 8×8×8 colours, so that distances are Hellinger's: float32 [N, 512]."""
    level = images.to(torch.int64) // 32
    colour = (level[:, 0] * 64 + level[:, 1] * 8 + level[:, 2]).flatten(1)
    counts = torch.zeros(len(images), 512)
    counts.scatter_add_(1, colour, torch.ones(1).expand(colour.shape))
    return (counts / colour.shape[1]).sqrt()


def principal_components(images: Tensor, train_images: Tensor) -> Tensor:
    """Whitened projections on the first components of the training images (eigenfaces): float32 [N, 64]."""
    train = train_images.float().flatten(1) / 255.0
    mean = train.mean(dim=0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _, scale, axes = torch.svd_lowrank(train - mean, q=PRINCIPAL_COMPONENTS + 16, niter=4)
    chosen = axes[:, :PRINCIPAL_COMPONENTS] / scale[:PRINCIPAL_COMPONENTS]
    return (images.float().flatten(1) / 255.0 - mean) @ chosen


def score(features: Tensor, identities: Tensor) -> Difficulty:
    """Verification over all pairs and identification by the nearest of one image a person, by cosine similarity.

    Args:
        features: float32 [N, D].
        identities: int64 [N].
    """
    unit = normalize(features, dim=1)
    similarity = unit @ unit.T
    rows, columns = torch.triu_indices(len(unit), len(unit), offset=1)
    scores, genuine = similarity[rows, columns], identities[rows] == identities[columns]
    # Mann and Whitney: the area under the ROC curve from the rank sum of the genuine pairs (ties are measure zero).
    ranks = torch.empty(len(scores), dtype=torch.float64)
    ranks[scores.argsort()] = torch.arange(1, len(scores) + 1, dtype=torch.float64)
    positive, negative = int(genuine.sum()), int((~genuine).sum())
    auc = (ranks[genuine].sum().item() - positive * (positive + 1) / 2) / (positive * negative)

    order = torch.arange(len(identities))
    first = torch.full((int(identities.max()) + 1,), len(order)).scatter_reduce(0, identities, order, "amin")
    gallery = first[torch.unique(identities)]
    probe = torch.ones(len(order), dtype=torch.bool)
    probe[gallery] = False
    nearest = gallery[similarity[probe][:, gallery].argmax(dim=1)]
    return Difficulty(auc, (identities[nearest] == identities[probe]).double().mean().item())


def naive_baselines(train: FaceDataset, test: FaceDataset) -> dict[str, Difficulty]:
    """Each baseline on the test set; only the principal components look at the training images."""
    return {
        "8×8 thumbnails": score(thumbnails(test.images), test.identities),
        "colour histograms": score(colour_histograms(test.images), test.identities),
        "PCA of the whole image": score(principal_components(test.images, train.images), test.identities),
    }


def main(arguments: list[str] | None = None) -> dict[str, Difficulty]:
    """Print the table for the default knobs."""
    parser = argparse.ArgumentParser(description="Naive baselines on the rendered faces.")
    parser.add_argument("--seed", type=int, default=0, help="seed of the data set")
    parser.add_argument("--train-identities", type=int, default=500)
    parser.add_argument("--test-identities", type=int, default=100)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    source = RenderedFaces(
        train_identities=chosen.train_identities, test_identities=chosen.test_identities, seed=chosen.seed
    )
    started, worked = time.perf_counter(), time.process_time()
    train, test = source.train(), source.test()
    count = len(train) + len(test)
    logger.info(
        "%d images rendered on %d threads: %.0f a second, %.2f ms of processor time each.",
        count,
        chosen.threads,
        count / (time.perf_counter() - started),
        (time.process_time() - worked) / count * 1e3,
    )
    baselines = naive_baselines(train, test)
    table = Table("baseline", "verification AUC", "rank-1", title="Rendered faces without learning")
    for name, result in baselines.items():
        table.add_row(name, f"{result.verification_auc:.3f}", f"{result.rank_1:.3f}")
    Console().print(table)
    return baselines


if __name__ == "__main__":
    main()
