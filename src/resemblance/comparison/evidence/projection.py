"""A map of some identities: embeddings on the two directions in which the means of their classes differ most.

The same identities for every contestant, chosen without looking at any embedding.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resemblance.comparison.runs import Run
from resemblance.comparison.untouched import check_untouched
from resemblance.errors import DataError

IDENTITIES = 12
"""On a map: more than that nobody tells apart."""
MOST_IMAGES = 12
"""Of an identity."""
_FEWEST_IMAGES = 2


@dataclass(frozen=True)
class EmbeddingMap:
    """Of one run.

    Attributes:
        points: float64 [N, 2], each axis in units of the wider one, centred.
        identities: int64 [N], into :attr:`names`.
        names: of the identities.
        image_ids: N names.
        means: float64 [I, 2].
        explained: share of the variance between the class means that the two axes show.
    """

    points: NDArray[np.float64]
    identities: NDArray[np.int64]
    names: tuple[str, ...]
    image_ids: tuple[str, ...]
    means: NDArray[np.float64]
    explained: float


def embedding_map(run: Run) -> EmbeddingMap | None:
    """From a run's saved embeddings, or None where it has none that can be read, or fewer than three identities.

    Directions are compared where the run's similarity compares directions.

    Raises:
        DataError: if the embeddings that the run has written are gone or changed, or have one dimension only.
    """
    from safetensors import SafetensorError, safe_open

    name = run.paths.embeddings.name
    if run.paths.embeddings.is_file():
        check_untouched(run.path, run.record, [name])
    elif name in run.record.files:
        raise DataError(f"There is no map of '{run.path}', which lacks the {name} that it has written.")
    try:
        with safe_open(run.paths.embeddings, framework="np") as file:
            vectors = np.asarray(file.get_tensor("vectors"), dtype=np.float64)
            metadata = file.metadata() or {}
        with run.paths.images.open(encoding="utf-8", newline="") as table:
            rows = [(row["identity"], row["image_id"]) for row in csv.DictReader(table)]
    except (OSError, SafetensorError, KeyError, UnicodeDecodeError, csv.Error):
        return None
    if len(rows) != len(vectors) or not np.isfinite(vectors).all():
        return None
    if vectors.shape[1] < 2:
        raise DataError(f"There is no map of the embeddings in '{run.path}', which have one dimension only.")
    names = chosen_identities([identity for identity, _ in rows])
    if len(names) < 3:
        return None
    if metadata.get("normalized") == "true" or metadata.get("similarity") == "cosine":
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    taken = [
        (row, names.index(identity))
        for identity in names
        for row in [row for row, (who, _) in enumerate(rows) if who == identity][:MOST_IMAGES]
    ]
    places, identities = np.array([row for row, _ in taken]), np.array([who for _, who in taken])
    points, means, explained = between_classes(vectors[places], identities)
    return EmbeddingMap(points, identities, tuple(names), tuple(rows[row][1] for row in places), means, explained)


def chosen_identities(identities: Sequence[str], most: int = IDENTITIES) -> list[str]:
    """Evenly spread over the identities with two images or more, in the order of the test set.

    >>> chosen_identities(["a", "a", "b", "c", "c", "d", "d"], most=2)
    ['a', 'c']
    """
    counts: dict[str, int] = {}
    for identity in identities:
        counts[identity] = counts.get(identity, 0) + 1
    able = [identity for identity, number in counts.items() if number >= _FEWEST_IMAGES]
    if len(able) <= most:
        return able
    return [able[place * len(able) // most] for place in range(most)]


def between_classes(
    vectors: NDArray[np.float64], identities: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Principal components of the class means, upon which the vectors are laid.

    Args:
        vectors: [N, D].
        identities: [N], 0 … I − 1, each present.

    Returns:
        Points [N, 2] and means [I, 2], the larger extent of the points being 1 in all, and the share of the variance
        between the means that the two axes show. Signs are fixed: the mean that lies farthest along an axis is on its
        positive side.
    """
    classes = int(identities.max()) + 1
    means = np.stack([vectors[identities == who].mean(axis=0) for who in range(classes)])
    centre = means.mean(axis=0)
    _, singular, directions = np.linalg.svd(means - centre, full_matrices=False)
    axes = directions[:2].T
    points, laid = (vectors - centre) @ axes, (means - centre) @ axes
    signs = np.where(laid[np.abs(laid).argmax(axis=0), range(laid.shape[1])] < 0, -1.0, 1.0)
    extent = max(float(np.ptp(points, axis=0).max()), 1e-12)
    total = float((singular**2).sum())
    explained = float((singular[:2] ** 2).sum()) / total if total > 0 else 0.0
    return points * signs / extent, laid * signs / extent, explained
