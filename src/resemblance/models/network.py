"""The network that is kept after training: bytes of an image in, raw embedding out."""

from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn

from resemblance.embeddings import Embeddings, EmbeddingStore
from resemblance.models.backbones import Backbone


class FaceNetwork(nn.Module):
    """Preprocessing, backbone and neck in one module, so that a checkpoint holds all that an image passes.

    Args:
        backbone: features of normalised images.
        neck: features to embedding.
        mean, std: of each channel on the scale 0 … 1; the defaults map bytes to −1 … 1.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        backbone: Backbone,
        neck: nn.Module,
        mean: tuple[float, float, float] = (0.5, 0.5, 0.5),
        std: tuple[float, float, float] = (0.5, 0.5, 0.5),
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.neck = neck
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Raw embeddings [B, D] of images [B, 3, H, W], float on the scale 0 … 1."""
        # Convolutions on a CPU and on a GPU's tensor cores are up to twice as fast with the channels last.
        normalised = ((images - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
        return cast("Tensor", self.neck(self.backbone(normalised)))

    def embed(self, images: Tensor, *, flip_average: bool = False) -> Tensor:
        """Raw embeddings [B, D] of uint8 images [B, 3, H, W].

        Args:
            images: RGB bytes.
            flip_average: mean of the embeddings of an image and of its mirror image, as LFW's entries do.
        """
        scaled = images.to(self.mean.device, torch.float32) / 255
        if not flip_average:
            return self(scaled)
        return cast("Tensor", (self(scaled) + self(scaled.flip(-1))) / 2)

    @torch.inference_mode()
    def embed_all(
        self,
        batches: Iterable[tuple[Tensor, Tensor, Tensor]],
        *,
        flip_average: bool = False,
    ) -> Embeddings:
        """Embed batches of ``(images, identities, indices)`` in evaluation mode.

        Args:
            batches: for example a loader over a :class:`~resemblance.data.FaceDataset`.
            flip_average: as in :meth:`embed`.
        """
        was_training = self.training
        self.eval()
        store = EmbeddingStore()
        for images, identities, indices in batches:
            store.update(self.embed(images, flip_average=flip_average), identities, indices)
        self.train(was_training)
        return store.embeddings()
