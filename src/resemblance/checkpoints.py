"""What a checkpoint says of itself, and how it becomes a network again.

A checkpoint holds tensors and plain containers only; it is read with ``weights_only=True``, and the configuration
inside can name nothing outside :data:`resemblance.config.ALLOWED`. Loading a stranger's file runs none of his code.
"""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import nn

from resemblance import __version__
from resemblance.data.name_hash import name_digests
from resemblance.errors import DataError
from resemblance.losses.base import MetricLoss
from resemblance.models import FaceNetwork
from resemblance.parts import build_loss, build_network
from resemblance.readable import check_readable

KEY = "resemblance"


def record(config: Mapping[str, Any], *, image_size: int, identity_names: Sequence[str]) -> dict[str, Any]:
    """What a checkpoint holds beside the weights, so that :func:`load` can rebuild the network and its loss.

    Args:
        config: of the training, plain containers.
        image_size: of the images.
        identity_names: of the training set; only their number and their hashes are kept, which tell later whether
            somebody who is tested was trained on.
    """
    about = {
        "version": __version__,
        "config": dict(config),
        "image_size": image_size,
        "num_identities": len(identity_names),
        "trained_identities": name_digests(identity_names),
    }
    return {KEY: about}


def read(path: Path) -> dict[str, Any]:
    """The file's contents, on the CPU.

    Raises:
        DataError: if it is missing, damaged, or not one of ours.
    """
    check_readable(path)
    try:
        with warnings.catch_warnings():  # it would quote our source about a file of the user's
            warnings.filterwarnings("ignore", "'torch.load' received a zip file that looks like a TorchScript")
            contents: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise DataError(
            f"There is no checkpoint '{path}'; a run writes checkpoints/best.ckpt and last.ckpt."
        ) from error
    except (UnpicklingError, RuntimeError, EOFError, OSError) as error:
        if "TorchScript" in str(error):
            raise DataError(
                f"'{path}' is a TorchScript network and no checkpoint; measure it with model=torch model.path=FILE."
            ) from error
        raise DataError(
            f"'{path}' can't be read as a checkpoint of tensors and plain containers; it is damaged or of another kind."
        ) from error
    about = contents.get(KEY) if isinstance(contents, dict) else None
    if not isinstance(about, Mapping) or not isinstance(about.get("config"), Mapping):
        raise DataError(f"'{path}' is a checkpoint, but not one that resemblance wrote: it lacks '{KEY}'.")
    return contents


def restore(path: Path, module: nn.Module) -> None:
    """Load a checkpoint's weights into the training module that wrote it."""
    module.load_state_dict(read(path)["state_dict"])


def load(path: Path) -> tuple[FaceNetwork, MetricLoss]:
    """The network of a checkpoint and its loss, whose similarity judges the embeddings; both in evaluation mode.

    Raises:
        DataError: as :func:`read` and :func:`rebuild`.
        ConfigurationError: if its configuration names what is no part of ours.
    """
    return rebuild(read(path), path)


def rebuild(contents: Mapping[str, Any], path: Path) -> tuple[FaceNetwork, MetricLoss]:
    """The same from contents that were read already.

    Args:
        contents: of the checkpoint.
        path: where they were, for messages.

    Raises:
        DataError: if configuration and weights do not fit together.
        ConfigurationError: if the configuration names what is no part of ours.
    """
    try:
        return _rebuild(contents)
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:  # a key, kind or shape is wrong
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(":.")
        raise DataError(
            f"The checkpoint '{path}' can't be rebuilt ({reason}); it was perhaps written by another version of "
            f"resemblance."
        ) from error


def _rebuild(contents: Mapping[str, Any]) -> tuple[FaceNetwork, MetricLoss]:
    about = contents[KEY]
    # The weights come from the file: fetching pretrained ones first would only need a network.
    config = {**about["config"], "backbone": _without_download(about["config"]["backbone"])}
    network = build_network(config, about["image_size"])
    loss = build_loss(config, about["num_identities"])
    for name, module in (("network", network), ("loss", loss)):
        prefix = f"{name}."
        module.load_state_dict(
            {key.removeprefix(prefix): value for key, value in contents["state_dict"].items() if key.startswith(prefix)}
        )
    return network.eval(), loss.eval()


def _without_download(backbone: Mapping[str, Any]) -> dict[str, Any]:
    return {**backbone, "pretrained": False} if "pretrained" in backbone else dict(backbone)
