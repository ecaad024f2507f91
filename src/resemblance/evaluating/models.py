"""Networks of somebody else as ours: timm's by name, torch's from a file or from a function of the user's.

A configuration in a checkpoint never reaches this module: what it builds is named on the command line.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Self, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import interpolate

from resemblance.errors import ConfigurationError, DataError
from resemblance.evaluating.settings import Model
from resemblance.evaluating.torch_network import first_line, torch_network
from resemblance.models import FaceNetwork
from resemblance.models.pretrained import hub_offline_unless_reachable
from resemblance.readable import check_readable

_CLASSIFIERS = ("fc.", "classifier.", "head.", "last_linear.", "heads.")
_WRAPPERS = ("state_dict", "model", "model_state_dict", "net")


class Foreign(nn.Module):
    """Somebody else's network in the place of a backbone: it resizes, orders channels, and checks what comes out.

    Args:
        network: [B, 3, S, S] to [B, D].
        image_size: S.
        bgr: whether it was trained on blue, green, red.
        name: for messages.
    """

    def __init__(self, network: nn.Module, image_size: int, *, bgr: bool, name: str) -> None:
        super().__init__()
        self.network = network
        self._size = (image_size, image_size)
        self._bgr = bgr
        self._name = name

    def train(self, mode: bool = True) -> Self:
        """Nothing: it is never trained, and an exported network can't even be asked."""
        return self

    def forward(self, images: Tensor) -> Tensor:
        """[B, 3, H, W], normalised, to [B, D].

        Raises:
            ConfigurationError: if the network refuses the images or gives no vector for each.
        """
        if images.shape[-2:] != self._size:
            images = interpolate(images, self._size, mode="bicubic", antialias=True, align_corners=False)
        if self._bgr:
            images = images.flip(1)
        try:
            vectors = self.network(images)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:  # whatever somebody else's network raises
            raise ConfigurationError(
                f"'{self._name}' refuses images of {list(images.shape)} ({first_line(error)}); check "
                f"model.image_size, and that the batch may have any size."
            ) from error
        if isinstance(vectors, Tensor) and vectors.ndim == 4 and vectors.shape[2:] == (1, 1):
            vectors = vectors.flatten(1)
        if not isinstance(vectors, Tensor) or vectors.ndim != 2 or len(vectors) != len(images):
            what = str(list(vectors.shape)) if isinstance(vectors, Tensor) else type(vectors).__name__
            raise ConfigurationError(
                f"'{self._name}' should give one vector for each image, [{len(images)}, D], but gives {what}; wrap it "
                f"in a function of your own with model=torch."
            )
        return vectors


def build_model(settings: Model) -> tuple[FaceNetwork, int]:
    """The network with its preprocessing, in evaluation mode, tried on two empty images; and its image size.

    Raises:
        ConfigurationError: if it does not exist, can't be fetched, or gives no embeddings.
        DataError: if a file is missing or damaged.
    """
    backbone, size, mean, std = _timm(settings) if settings.kind == "timm" else _torch(settings)
    # The stand-in of a neck: what comes out of somebody else's network is the embedding.
    network = FaceNetwork(cast("Any", backbone), nn.Identity(), mean, std).eval()
    with torch.inference_mode():
        network.embed(torch.zeros(2, 3, size, size, dtype=torch.uint8))
    return network, size


def _timm(settings: Model) -> tuple[Foreign, int, Any, Any]:
    import timm  # a slow import that most evaluations do without
    from timm.data import resolve_model_data_config  # type: ignore[attr-defined]

    name = settings.name
    if ":" not in name and not timm.is_model(name):
        close = difflib.get_close_matches(name, timm.list_models(), n=5, cutoff=0.4)
        raise ConfigurationError(
            f"timm has no network called '{name}' (model.name); "
            + (f"close names are {', '.join(close)}." if close else "timm.list_models() lists them all.")
        )
    fetch = settings.pretrained and settings.weights is None
    if fetch and ":" not in name and not timm.is_model_pretrained(name):
        raise ConfigurationError(
            f"timm has no published weights of '{name}'; name a file with model.weights=, or set "
            f"model.pretrained=false."
        )
    try:
        with hub_offline_unless_reachable():
            network = timm.create_model(name, pretrained=fetch, num_classes=0)
    except Exception as error:  # whatever timm, its hub client or the network itself raises
        cure = "; connect to the network once, name a file with model.weights=, or set model.pretrained=false"
        raise ConfigurationError(f"timm can't make '{name}' ({first_line(error)}){cure if fetch else ''}.") from error
    if settings.weights is not None:
        _load_weights(network, Path(settings.weights), name)
    network.eval()
    wanted = resolve_model_data_config(network)
    size = settings.image_size or int(wanted["input_size"][-1])
    mean, std = settings.mean or wanted["mean"], settings.std or wanted["std"]
    return Foreign(network, size, bgr=False, name=name), size, tuple(mean), tuple(std)


def _load_weights(network: nn.Module, path: Path, name: str) -> None:
    """A state dict, perhaps wrapped and with a classifier that an embedding has no use for."""
    check_readable(path)
    try:
        if path.suffix == ".safetensors":
            state: Any = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise DataError(f"There is no file '{path}'; check model.weights=.") from error
    except (UnpicklingError, RuntimeError, EOFError, OSError, SafetensorError) as error:
        raise DataError(f"'{path}' can't be read as weights: it is damaged or holds more than tensors.") from error
    while isinstance(state, Mapping) and (inner := next((key for key in _WRAPPERS if key in state), None)):
        state = state[inner]
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise DataError(f"'{path}' holds no weights by name (a state dict) that a network could load.")
    weights = {key.removeprefix("module."): value for key, value in state.items()}
    known = network.state_dict()
    missing = [key for key in known if key not in weights]
    wrong = [key for key in known if key in weights and weights[key].shape != known[key].shape]
    extra = [key for key in weights if key not in known and not key.startswith(_CLASSIFIERS)]
    for problem, keys in (("lacks", missing), ("has another shape of", wrong), ("has, and the network lacks,", extra)):
        if keys:
            raise DataError(
                f"The weights in '{path}' do not fit '{name}': the file {problem} '{keys[0]}'"
                + (f" and {len(keys) - 1} more" if len(keys) > 1 else "")
                + "; choose the model.name that they were saved from."
            )
    network.load_state_dict({key: weights[key] for key in known})


def _torch(settings: Model) -> tuple[Foreign, int, Any, Any]:
    path, size = str(settings.path), settings.image_size or 112
    network = torch_network(path)
    mean, std = (tuple(values or (0.5, 0.5, 0.5)) for values in (settings.mean, settings.std))
    return Foreign(network, size, bgr=settings.channels == "bgr", name=path), size, mean, std
