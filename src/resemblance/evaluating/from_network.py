"""Material from a network: the test and validation images of a data set, embedded once."""

from collections.abc import Iterator

import torch
from rich.console import Console
from rich.progress import Progress

from resemblance.data.faces import Batch, FaceDataset
from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError
from resemblance.evaluating.images import Images
from resemblance.evaluating.material import Material
from resemblance.models import FaceNetwork
from resemblance.similarity import Similarity


class Embedder:
    """Embeds data sets with one network, with a bar that shows how far it is.

    Args:
        network: moved to the device.
        device: where to embed.
        batch_size: images at a time.
        flip_average: as in :meth:`FaceNetwork.embed`.
        console: of the bar.
    """

    def __init__(
        self, network: FaceNetwork, device: torch.device, *, batch_size: int, flip_average: bool, console: Console
    ) -> None:
        self._network = network.to(device).eval()
        self._batch_size = batch_size
        self._flip_average = flip_average
        self._console = console

    def __call__(self, images: FaceDataset, what: str) -> Embeddings:
        """The embeddings of all images in their order.

        Raises:
            ConfigurationError: if a batch does not fit into the device's memory.
        """
        shown = self._console.is_terminal  # elsewhere a bar would leave empty lines
        with Progress(console=self._console, transient=True, disable=not shown) as progress:
            task = progress.add_task(f"embedding {what}", total=len(images))

            def batches() -> Iterator[Batch]:
                for rows in torch.arange(len(images)).split(self._batch_size):
                    yield images.__getitems__(rows.tolist())
                    progress.advance(task, len(rows))

            try:
                return self._network.embed_all(batches(), flip_average=self._flip_average)
            except torch.OutOfMemoryError as error:
                raise ConfigurationError(
                    f"{self._batch_size} images do not fit into the memory of the device; lower evaluation.batch_size."
                ) from error


def embedded(embed: Embedder, images: Images, similarity: Similarity) -> Material:
    """The test images, and the validation images if there are any.

    Args:
        embed: of the network.
        images: of a data set.
        similarity: that judges.
    """
    validation = None if images.validation is None else embed(images.validation, "validation images")
    return images.material(embed(images.test, "test images"), validation, similarity)
