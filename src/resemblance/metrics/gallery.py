"""A gallery of enrolled identities, each with one image or several, and what a probe scores against each of them."""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from resemblance.metrics.fusion import Fusion, check_fusion


class Enrolment:
    """Which images enrol which identity, in an order that makes the maximum over an identity's images cheap.

    Identities stand in descending order of their number of images, then in ascending order of their labels. The j-th
    images of any run of them then belong to the first few of the run, and fusing is a maximum over slices.

    Args:
        identities: int64 [G], of the gallery's images; an identity may be there several times.

    Attributes:
        identities: int64 [E], each once, in the order of this class: their *places*.
        images: int64 [E], number of images of each.
    """

    def __init__(self, identities: Tensor) -> None:
        by_label = torch.argsort(identities, stable=True)
        labels, images = identities[by_label].unique_consecutive(return_counts=True)
        order = torch.argsort(images, descending=True, stable=True)
        self.identities, self.images = labels[order], images[order]
        self._rows = by_label
        self._starts = (images.cumsum(0) - images)[order]
        self._labels, self._places = labels, torch.argsort(order)

    def __len__(self) -> int:
        return len(self.identities)

    def places(self, identities: Tensor) -> Tensor:
        """The place of each identity, int64 [N]; −1 for who is not enrolled."""
        if len(self) == 0:
            return torch.full_like(identities, -1)
        found = torch.searchsorted(self._labels, identities).clamp(max=len(self) - 1)
        return torch.where(self._labels[found] == identities, self._places[found], -1)

    def rows(self, places: Tensor) -> Tensor:
        """Rows of the images of some places (ascending): first images first, then the second ones of who has them."""
        starts = self._starts[places]
        return self._rows[torch.cat([starts[:width] + layer for layer, width in enumerate(self._widths(places))])]

    def fused(self, scores: Tensor, places: Tensor) -> Tensor:
        """Scores [b, images] of :meth:`rows` to the best score of each place, [b, places]; may overwrite its input."""
        widths = self._widths(places)
        best = scores[:, : widths[0]]
        start = widths[0]
        for width in widths[1:]:
            torch.maximum(best[:, :width], scores[:, start : start + width], out=best[:, :width])
            start += width
        return best

    def blocks(self, images: int) -> list[Tensor]:
        """All places in runs of at most so many images, or of one identity that has more."""
        if len(self) and int(self.images[0]) == 1:
            return list(torch.arange(len(self), device=self.images.device).split(images))
        runs, start, held = [], 0, 0
        for place, count in enumerate(self.images.tolist()):
            if held and held + count > images:
                runs.append(torch.arange(start, place, device=self.images.device))
                start, held = place, 0
            held += count
        return [*runs, torch.arange(start, len(self), device=self.images.device)] if held else runs

    def _widths(self, places: Tensor) -> list[int]:
        """How many of these places have a first image, how many a second one and so on."""
        images = self.images[places]
        layers = torch.arange(int(images[0]), device=images.device)
        return torch.searchsorted(images.flip(0), layers, right=True).neg().add(len(images)).tolist()


class Gallery:
    """Enrolled embeddings, searched one identity at a time.

    Args:
        vectors: [G, D], raw.
        identities: int64 [G].
        fusion: an identity's score is the maximum over its images, or that of its mean template, the mean of its
            embeddings.
        normalized: take the mean of the directions x / ‖x‖₂, each image alike, as fits a similarity that compares
            directions only; otherwise of the raw embeddings.

    Raises:
        ValueError: for an empty gallery, one identity for each of another number of embeddings, or an unknown fusion.

    >>> Gallery(torch.tensor([[4.0, 0.0], [0.0, 2.0]]), torch.tensor([7, 7]), fusion="mean").vectors.tolist()
    [[0.5, 0.5]]
    """

    def __init__(self, vectors: Tensor, identities: Tensor, *, fusion: Fusion = "max", normalized: bool = True) -> None:
        check_fusion(fusion)
        if len(vectors) != len(identities):
            raise ValueError(f"A gallery of {len(vectors)} embeddings can't have {len(identities)} identities.")
        if len(vectors) == 0:
            raise ValueError("The gallery is empty; a search needs at least one enrolled identity.")
        self.enrolment = Enrolment(identities)
        self.vectors = vectors
        if fusion == "mean" and len(self) < len(vectors):
            self.vectors = _mean_templates(
                vectors, self.enrolment.places(identities), self.enrolment.images, normalized
            )
            self.enrolment = Enrolment(self.enrolment.identities)
        self.images = len(vectors)

    def __len__(self) -> int:
        return len(self.enrolment)


def _mean_templates(vectors: Tensor, places: Tensor, images: Tensor, normalized: bool) -> Tensor:
    vectors = vectors.double()  # so that the order of the images does not show in the scores
    if normalized:
        vectors = normalize(vectors, dim=1)
    sums = vectors.new_zeros(len(images), vectors.shape[1]).index_add_(0, places, vectors)
    return sums / images[:, None]


def enroll_first(identities: Tensor, images: int = 1) -> tuple[Tensor, Tensor]:
    """Rows of the first images of every identity, and the rows of all others, both ascending.

    >>> gallery, probes = enroll_first(torch.tensor([4, 4, 2, 4, 2]))
    >>> gallery.tolist(), probes.tolist()
    ([0, 2], [1, 3, 4])
    """
    order = torch.argsort(identities, stable=True)
    _, member, counts = identities[order].unique_consecutive(return_inverse=True, return_counts=True)
    number = torch.arange(len(order)) - (counts.cumsum(0) - counts)[member]
    return order[number < images].sort().values, order[number >= images].sort().values
