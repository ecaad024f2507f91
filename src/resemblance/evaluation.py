"""Measuring a network: embed validation and test images once, and compute every figure from the embeddings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from resemblance.data.datamodule import FaceDataModule
from resemblance.embeddings import Embeddings
from resemblance.models import FaceNetwork
from resemblance.parts import build_protocols
from resemblance.protocols import run_protocols, validation_threshold
from resemblance.results import Result
from resemblance.similarity import Similarity


@dataclass(frozen=True)
class Measurement:
    """What a network makes of the two sets that it does not learn from.

    Attributes:
        validation: result on the validation identities.
        test: result on the test identities.
        embeddings: of the test set, in its order.
    """

    validation: Result
    test: Result
    embeddings: Embeddings


def measure(
    config: Mapping[str, Any], network: FaceNetwork, similarity: Similarity, data: FaceDataModule, device: torch.device
) -> Measurement:
    """Run the configured protocols with a threshold that only the validation identities have chosen.

    Args:
        config: plain containers.
        network: left in the mode that it came in, on ``device``.
        similarity: the measure that the loss trained for.
        data: set up.
        device: where to embed.
    """
    network.to(device)
    similarity.to("cpu")
    flip_average = config["evaluation"]["flip_average"]
    validation, test = (
        network.embed_all(data.evaluation_loader(images), flip_average=flip_average)
        for images in (data.validation_set, data.test_set)
    )
    threshold = validation_threshold(validation, similarity)
    pairs = data.source.pairs()
    known = {"threshold": threshold} | ({} if pairs is None else {"pairs": pairs})
    return Measurement(
        validation=run_protocols(build_protocols(config), validation, similarity),
        test=run_protocols(build_protocols(config, **known), test, similarity),
        embeddings=test,
    )
