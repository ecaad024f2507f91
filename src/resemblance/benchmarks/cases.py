"""What is measured: one loss at one size, and the input that every contestant of the case is given."""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

Series = Literal["batch-all", "semi-hard", "batch-hard", "angular", "cosface"]
SERIES: tuple[Series, ...] = get_args(Series)

EMBEDDING_SIZE = 128
FACENET = (1800, 40)  # images and images per identity of FaceNet's batch
# Where a network is while it still learns: a third of the triplets violate a margin of 0.2, a quarter are semi-hard.
GENUINE_COSINE = 0.15


@dataclass(frozen=True)
class Case:
    """A loss at one size; a margin softmax has C classes, the other losses K images of each identity."""

    series: Series
    images: int
    images_per_identity: int | None = None
    classes: int | None = None

    @property
    def tiny(self) -> "Case":
        """The same operation, too small to cost anything and large enough to load what it runs.

        Below some 25 rows torch computes distances by another path.
        """
        return Case(self.series, 64, self.images_per_identity and 2, self.classes and 64)

    @property
    def size(self) -> str:
        """``B = 512, K = 4``."""
        return f"B = {self.images:,}, " + (
            f"C = {self.classes:,}" if self.classes else f"K = {self.images_per_identity}"
        )

    def __str__(self) -> str:
        return f"{self.series}, {self.size}"


def cases(device: str, *, quick: bool, series: tuple[Series, ...] = SERIES) -> list[Case]:
    """The cases of a run, by series and size.

    Args:
        device: ``cuda`` adds margin softmax with millions of classes.
        quick: sizes that need no time, to see that all parts work.
        series: the losses to measure.
    """
    batches = [(64, 4), (128, 4), (256, 4), (512, 4), (1024, 4), (2048, 4), (4096, 4), FACENET]
    softmax = [(512, classes) for classes in (1_000, 10_000, 100_000, 1_000_000)]
    if device == "cuda":
        softmax += [(512, classes) for classes in (2_000_000, 5_000_000)]
    if quick:
        batches, softmax = [(16, 4), (32, 4)], [(16, 50), (16, 200)]
    chosen = []
    for one in series:
        if one == "cosface":
            chosen += [Case(one, images, classes=classes) for images, classes in softmax]
        else:
            chosen += [Case(one, images, images_per_identity) for images, images_per_identity in batches]
    return chosen


def make_input(case: Case, device: str) -> tuple[Tensor, Tensor]:
    """Embeddings [B, D] with a gradient and identities [B], the same in every process.

    Embeddings of one identity have an expected cosine of :data:`GENUINE_COSINE`, of two identities 0.
    """
    generator = torch.Generator().manual_seed(case.images)
    if case.classes:
        identities = torch.randint(case.classes, (case.images,), generator=generator)
    else:
        assert case.images_per_identity
        identities = torch.arange(case.images) // case.images_per_identity
    _, own = identities.unique(return_inverse=True)
    centres = torch.randn(case.images, EMBEDDING_SIZE, generator=generator)
    noise = torch.randn(case.images, EMBEDDING_SIZE, generator=generator)
    embeddings = GENUINE_COSINE**0.5 * centres[own] + (1 - GENUINE_COSINE) ** 0.5 * noise
    return embeddings.to(device).requires_grad_(), identities.to(device)
