"""Backbones: preprocessed images in, feature maps (or a feature vector) out; what follows is the neck's."""

import difflib
from contextlib import nullcontext
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn

from resemblance.errors import ConfigurationError
from resemblance.models.pretrained import hub_offline_unless_reachable

SMALL_IMAGE = 96
"""Up to this many pixels a face loses too much in a stem made for 224: the first stride is halved."""


class Backbone(nn.Module):
    """Base: images [B, 3, H, W] to features [B, F, h, w] or [B, F].

    Attributes:
        feature_shape: ``(F, h, w)`` or ``(F,)`` for the image size that it was built for.
        mean: what it wants subtracted from each channel, on the scale 0 … 1.
        std: and what divided by; the defaults map bytes to −1 … 1.
    """

    needs: ClassVar[tuple[str, ...]] = ("image_size",)
    feature_shape: tuple[int, ...]
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)

    def measure(self, image_size: int) -> tuple[int, ...]:
        """The feature shape that an image of this size leads to, by one pass in evaluation mode."""
        was_training = self.training
        self.eval()
        with torch.no_grad():
            shape = self(torch.zeros(1, 3, image_size, image_size)).shape[1:]
        self.train(was_training)
        return tuple(shape)


class TinyConvNet(Backbone):
    """A plain convolutional network made for a laptop: each stage is one 3×3 convolution that halves the image.

    The first stage halves it by its stride, for it is the dearest; the others by taking the maximum of the convolution
    at full resolution. In trials of 70 s each that told rendered faces apart better than strides did (AUC 0.968 against
    0.926). Pooling comes before the normalisation, which then has a quarter of the work.

    Args:
        image_size: height and width of the images in pixels.
        widths: channels of the stages.
    """

    def __init__(self, image_size: int, widths: tuple[int, ...] = (16, 48, 96, 192)) -> None:
        super().__init__()
        if not widths or min(widths) < 1:
            raise ConfigurationError(
                f"The backbone needs one stage or more of positive width, not backbone.widths={list(widths)}."
            )
        if image_size < 2 ** len(widths):
            raise ConfigurationError(
                f"Images of {image_size} pixels are too small for {len(widths)} stages that halve them; take fewer "
                f"backbone.widths or a larger data.image_size."
            )
        layers: list[nn.Module] = []
        channels = 3
        for stage, width in enumerate(widths):
            layers.append(nn.Conv2d(channels, width, 3, stride=1 if stage else 2, padding=1, bias=False))
            if stage:
                layers.append(nn.MaxPool2d(2))
            layers += [nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
            channels = width
        self.layers = nn.Sequential(*layers)
        self.feature_shape = self.measure(image_size)

    def forward(self, images: Tensor) -> Tensor:
        """[B, 3, H, W] to [B, widths[-1], H / 2ⁿ, W / 2ⁿ] after n stages."""
        return cast("Tensor", self.layers(images))


class TimmBackbone(Backbone):
    """Any network of the timm library, with a stem that suits small faces.

    Up to :data:`SMALL_IMAGE` pixels the first convolution's stride is halved (2 → 1, 4 → 2) and its kernel is kept, so
    that pretrained weights still fit and the features keep twice the resolution. Networks of a fixed input size, such
    as vision transformers, are built for the image size, with patches of 8 pixels instead of 16.

    Args:
        name: timm's name of the network, such as ``resnet18`` or ``mobilenetv3_small_100``.
        image_size: height and width of the images in pixels.
        pretrained: start from timm's published weights, which are downloaded once.

    Raises:
        ConfigurationError: for a name that timm does not know, or weights that can't be fetched.
    """

    def __init__(self, name: str, image_size: int, pretrained: bool = False) -> None:
        super().__init__()
        import timm  # a slow import that most runs do without

        if not timm.is_model(name):
            close = difflib.get_close_matches(name, timm.list_models(), n=5, cutoff=0.4)
            raise ConfigurationError(
                f"timm has no network called '{name}' (backbone.name); "
                + (f"close names are {', '.join(close)}." if close else "timm.list_models() lists them all.")
            )
        # Transformers and mixers are built for one image size and pool by themselves; convolutional networks give
        # their feature maps, for pooling is the neck's choice.
        fixed_size = bool(timm.models.get_pretrained_cfg_value(name, "fixed_input_size"))
        arguments: dict[str, Any] = {"img_size": image_size} if fixed_size else {"global_pool": ""}
        if fixed_size and "patch16" in name and image_size <= SMALL_IMAGE:
            arguments["patch_size"] = 8
        self.network = self._create(timm, name, pretrained, arguments)
        if pretrained:
            self.mean, self.std = (tuple(self.network.pretrained_cfg[key]) for key in ("mean", "std"))
        if not fixed_size and image_size <= SMALL_IMAGE:
            _halve_first_stride(self.network)
        try:
            self.feature_shape = self.measure(image_size)
        except (RuntimeError, AssertionError, ValueError) as error:
            raise ConfigurationError(
                f"'{name}' can't take images of {image_size} pixels ({_first_line(error)}); choose another "
                f"backbone.name or data.image_size."
            ) from error

    @staticmethod
    def _create(timm: Any, name: str, pretrained: bool, arguments: dict[str, Any]) -> Any:
        if pretrained and not timm.is_model_pretrained(name):
            raise ConfigurationError(f"timm has no published weights of '{name}'; set backbone.pretrained=false.")
        try:
            with hub_offline_unless_reachable() if pretrained else nullcontext():
                return timm.create_model(name, pretrained=pretrained, num_classes=0, **arguments)
        except Exception as error:  # whatever timm, its hub client or the network itself raises
            if pretrained:
                raise ConfigurationError(
                    f"The pretrained weights of '{name}' are not in the local cache and could not be fetched; connect "
                    f"to the network once, or set backbone.pretrained=false."
                ) from error
            raise ConfigurationError(
                f"timm could not build '{name}' ({_first_line(error)}); choose another backbone.name."
            ) from error

    def forward(self, images: Tensor) -> Tensor:
        """[B, 3, H, W] to feature maps, or to a vector from a network that pools by itself."""
        return cast("Tensor", self.network(images))


def _halve_first_stride(network: Any) -> None:
    names = network.pretrained_cfg["first_conv"]
    first = network.get_submodule(names if isinstance(names, str) else names[0])
    if isinstance(first, nn.Conv2d):
        rows, columns = (max(1, stride // 2) for stride in first.stride)
        first.stride = (rows, columns)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
