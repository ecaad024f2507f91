"""Measuring embeddings: thresholds from validation identities, what protocols may know, and a network's own figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from resemblance.data.datamodule import FaceDataModule
from resemblance.data.faces import FaceDataset
from resemblance.data.source import metadata_of
from resemblance.embeddings import Embeddings, EpisodeList, PairList
from resemblance.errors import ConfigurationError
from resemblance.models import FaceNetwork
from resemblance.parts import build_protocols
from resemblance.protocols import run_protocols
from resemblance.protocols.acquisition import with_failures
from resemblance.protocols.scores import validation_thresholds
from resemblance.results import Result
from resemblance.similarity import Similarity

THRESHOLD_FARS = (1e-1, 1e-2, 1e-3)
"""False accept rates whose thresholds are looked up on validation identities."""


@dataclass(frozen=True)
class Measurement:
    """What a network makes of the two sets that it does not learn from.

    Attributes:
        validation: result on the validation identities.
        test: result on the test identities; empty where they were not looked at.
        embeddings: of the test set, in its order; None where it was not looked at.
    """

    validation: Result
    test: Result = field(default_factory=Result)
    embeddings: Embeddings | None = None


def measure(
    config: Mapping[str, Any], network: FaceNetwork, similarity: Similarity, data: FaceDataModule, device: torch.device
) -> Measurement:
    """Run the configured protocols with thresholds that only the validation identities have chosen.

    Args:
        config: plain containers; with ``measure_test: false`` the test identities are left alone.
        network: left in the mode that it came in, on ``device``.
        similarity: the measure that the loss trained for.
        data: set up.
        device: where to embed.

    Raises:
        ConfigurationError: if a batch does not fit into the device's memory.
    """
    network.to(device)
    similarity.to("cpu")

    def embedded(images: FaceDataset) -> Embeddings:
        settings = config["evaluation"]
        try:
            return network.embed_all(data.evaluation_loader(images), flip_average=settings["flip_average"])
        except torch.OutOfMemoryError as error:
            raise ConfigurationError(
                f"{settings['batch_size']} images do not fit into the memory of the device; lower "
                f"evaluation.batch_size."
            ) from error

    validation = embedded(data.validation_set)
    on_validation = run_protocols(build_protocols(config), validation, similarity, intervals=config["measure_test"])
    if not config["measure_test"]:
        return Measurement(on_validation)
    test = embedded(data.test_set)
    source = data.source
    known = known_things(
        validation, similarity, pairs=source.pairs(), episodes=source.episodes(), metadata=metadata_of(source)
    )
    found = run_protocols(build_protocols(config, **known), test, similarity)
    failures = data.test_set.failures
    return Measurement(
        validation=on_validation,
        test=with_failures(found, len(test), len(failures)) if failures else found,
        embeddings=test,
    )


def known_things(
    validation: Embeddings | None,
    similarity: Similarity,
    *,
    pairs: PairList | None = None,
    episodes: EpisodeList | None = None,
    metadata: Mapping[str, Sequence[str | float | None]] | None = None,
    distractors: Embeddings | None = None,
) -> dict[str, Any]:
    """What protocols on a test set may ask for by name; what there is none of is not among it.

    ``threshold`` (the best mean of TAR and 1 − FAR) and ``thresholds`` (by FAR, as far as the validation comparisons
    can measure it) always are: without validation identities they are None, and figures that need one are refused.

    Args:
        validation: embeddings of the identities that choose thresholds.
        similarity: that the thresholds belong to.
        pairs: comparisons that a benchmark lists.
        episodes: a benchmark's one-shot episodes.
        metadata: columns with a value for each row of the test set.
        distractors: embeddings of people whom nobody looks for.
    """
    given = {"pairs": pairs, "episodes": episodes, "metadata": metadata, "distractors": distractors}
    known: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if validation is None:
        return {**known, "threshold": None, "thresholds": None}
    threshold, thresholds = validation_thresholds(validation, similarity, THRESHOLD_FARS)
    return {**known, "threshold": threshold, "thresholds": thresholds}
