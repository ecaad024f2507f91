"""Rendered faces as a labelled set, cached on disk."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resemblance.data.faces import FaceDataset
from resemblance.data.rendered import counter
from resemblance.data.rendered.cache import load_or_render
from resemblance.data.rendered.identity import draw_identities
from resemblance.data.rendered.nuisance import draw_nuisances
from resemblance.data.rendered.renderer import RENDERER_VERSION, render
from resemblance.data.rendered.settings import RenderSettings

FEWEST_IMAGES = 2
"""A person with a single image has no genuine pair."""


def rendered_faces(
    *,
    seed: int,
    identities: range,
    images_per_identity: int,
    image_size: int = 64,
    settings: RenderSettings,
    cache_dir: Path | None,
) -> FaceDataset:
    """Draw a set, or read it from the cache.

    Image j of person k is a function of (seed, k, j) and the settings alone: it is the same in any range of people
    and with any number of images. Wrong labels are given after the cache, so all shares of them use one file.

    Args:
        seed: of the data set.
        identities: numbers of the people; the label of person ``identities[c]`` is c.
        images_per_identity: n; the largest number where ``settings.long_tail`` is above 0.
        image_size: height and width in pixels.
        settings: the knobs of difficulty.
        cache_dir: folder of the cache; None keeps nothing.

    Returns:
        Images sorted by person, named ``rendered-0412/03`` after their true identity whatever their label.

    Raises:
        OutputError: if the cache can't be written or has too little room.
    """
    people, images = rows_of(seed, np.asarray(identities, dtype=np.int64), images_per_identity, settings.long_tail)
    parameters = {
        "renderer": RENDERER_VERSION,
        "seed": seed,
        "identities": [identities.start, identities.stop, identities.step],
        "images_per_identity": images_per_identity,
        "image_size": image_size,
        **{name: value for name, value in asdict(settings).items() if name != "label_noise"},
    }

    def draw() -> Tensor:
        # The factors of a person are drawn once for each of the images; it costs 2 % of the rendering.
        nuisances = draw_nuisances(seed, people, images, settings.pose_range, settings.nuisance_strength)
        return render(draw_identities(seed, people, settings.lookalikes), nuisances, image_size)

    pixels = load_or_render(cache_dir, parameters, (len(people), 3, image_size, image_size), draw)
    names = [f"rendered-{number:04d}" for number in identities]
    labels = (people - identities.start) // identities.step
    image_ids = [f"{names[label]}/{image:02d}" for label, image in zip(labels, images, strict=True)]
    noisy = _wrong_labels(seed, labels, people, images, len(names), settings.label_noise)
    return FaceDataset(pixels, torch.from_numpy(noisy), image_ids, names)


def rows_of(
    seed: int, identities: NDArray[np.int64], images_per_identity: int, long_tail: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Identity number and image number of each row of a set."""
    counts = images_of(seed, identities, images_per_identity, long_tail)
    people = np.repeat(identities, counts)
    firsts = np.repeat(np.cumsum(counts) - counts, counts)
    return people, np.arange(len(people), dtype=np.int64) - firsts


def images_of(
    seed: int, identities: NDArray[np.int64], images_per_identity: int, long_tail: float
) -> NDArray[np.int64]:
    """Number of images of each identity: n·uᵅ with u uniform, at least 2."""
    share = counter.uniform(seed, "images", identities) ** long_tail
    return np.maximum(np.round(images_per_identity * share), min(FEWEST_IMAGES, images_per_identity)).astype(np.int64)


def _wrong_labels(
    seed: int,
    labels: NDArray[np.int64],
    people: NDArray[np.int64],
    images: NDArray[np.int64],
    classes: int,
    share: float,
) -> NDArray[np.int64]:
    """Give round(share·N) images the label of somebody else; everybody's first image keeps its own."""
    wrong = min(round(share * len(labels)), int((images > 0).sum()))
    if wrong == 0 or classes < 2:
        return labels
    order = counter.uniform(seed, "label noise", people, images) + (images == 0)
    chosen = np.argsort(order, kind="stable")[:wrong]
    step = 1 + (counter.uniform(seed, "wrong label", people, images) * (classes - 1)).astype(np.int64)
    noisy = labels.copy()
    noisy[chosen] = (labels[chosen] + step[chosen]) % classes
    return noisy
