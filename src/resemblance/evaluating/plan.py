"""What an evaluation is going to do: which network or file, which images, which protocols, and what it is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf

from resemblance import parts
from resemblance.config import accepts, config_dir, needs
from resemblance.data.source import FaceSource, metadata_of
from resemblance.errors import ConfigurationError
from resemblance.evaluating.checkpoint_run import TAKEN_OVER, CheckpointRun, open_checkpoint
from resemblance.evaluating.files.distractors import check_dimensions
from resemblance.evaluating.files.metadata import IMAGE
from resemblance.evaluating.files.read import Files
from resemblance.evaluating.image_size import at_image_size, chose_image_size
from resemblance.evaluating.models import build_model
from resemblance.evaluating.settings import Settings
from resemblance.models import FaceNetwork
from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2, Similarity
from resemblance.tracking.run_names import evaluation_names
from resemblance.wording import counted

Plain = Mapping[str, Any]
_OWN = (*Settings.model_fields, "data", "protocol", "logger", "choices")
"""Of the composed configuration; a data set also names what suits its training, which has no place here."""


@dataclass(frozen=True)
class Plan:
    """An evaluation whose parts have all been checked.

    Attributes:
        config: plain containers, with what a checkpoint said of data and protocols filled in.
        settings: checked.
        group, name: what the run is called.
        network: of a checkpoint or of somebody else; None for a file of embeddings.
        checkpoint: that it came from.
        source: of images, where there is one.
        files: that the settings name, read.
        similarity: that the user or a checkpoint names; None takes what the file says, else the cosine.
        flip_average: whether mirror images are embedded too.
        told: what was done otherwise than somebody might think, in sentences.
    """

    config: Plain
    settings: Settings
    group: str
    name: str
    network: FaceNetwork | None
    checkpoint: CheckpointRun | None
    source: FaceSource | None
    files: Files
    similarity: Similarity | None
    flip_average: bool
    told: tuple[str, ...]


def planned(config: Plain, settings: Settings, overrides: Sequence[str] = ()) -> Plan:
    """Load the network, build the source, and check every part, before any image is read.

    Args:
        config: plain containers.
        settings: the same, checked.
        overrides: what the user said, as ``key=value``.

    Raises:
        ConfigurationError: for a part that can't work, in one sentence.
        DataError: for a checkpoint or a file of weights that can't be read.
    """
    files = Files.read(settings)
    checkpoint = None if settings.checkpoint is None else open_checkpoint(Path(settings.checkpoint))
    network, size = None, None
    if checkpoint is not None:
        network, size = checkpoint.network, checkpoint.image_size
    elif settings.model is not None:
        network, size = build_model(settings.model)
    complete = _complete(config, settings, checkpoint)
    told = []
    if checkpoint is not None and not checkpoint.has_ended:
        told.append(f"The training of '{checkpoint.path}' has not ended, and compare.py takes no evaluation of it.")
    if size is not None and not chose_image_size(config, overrides):
        complete["data"], sentence = at_image_size(complete["data"], size)
        told += [sentence] if sentence else []
    source = None if "data" not in complete else parts.build_source(complete)
    if checkpoint is not None and source is not None and source.image_size != checkpoint.image_size:
        raise ConfigurationError(
            f"The checkpoint takes images of {checkpoint.image_size} pixels, and the data set gives "
            f"{source.image_size}; leave data.image_size out, or choose a data set that has images of that size."
        )
    if files.distractors is not None:
        path = Path(str(settings.distractors))
        check_dimensions(files.distractors, path, _dimensions(files, network, size))
        if not any("distractors" in accepts(node) for node in complete["protocol"].values()):
            told.append(f"The distractors of '{path}' are not used: no protocol here searches among enrolled people.")
        else:
            people = counted(len(set(files.distractors.identities)), "identity", "identities")
            told.append(
                f"{counted(len(files.distractors), 'image')} of {people} in '{path}' are enrolled as distractors."
            )
    parts.check_protocols(complete)
    group, name = evaluation_names(*_subject(settings, checkpoint), overrides)
    trained_flip = True if checkpoint is None else checkpoint.config["evaluation"]["flip_average"]
    flip = settings.evaluation.flip_average
    flip_average = trained_flip if flip is None else flip
    complete["evaluation"] = {**complete["evaluation"], "flip_average": flip_average}
    return Plan(
        config={**complete, "group": group, "name": name},
        settings=settings,
        group=group,
        name=name,
        network=network,
        checkpoint=checkpoint,
        source=source,
        files=files,
        similarity=_similarity(settings.similarity, checkpoint),
        flip_average=flip_average,
        told=tuple(told),
    )


def check_needs(plan: Plan, overrides: Sequence[str]) -> None:
    """Refuse a protocol that the user has named and that measures what neither his files nor the data set have.

    Raises:
        ConfigurationError: naming the protocol and what it lacks, or a column that the metadata lack.
        DataError: if the data set's own lists can't be read.
    """
    known: dict[str, Any] = {"threshold": True, "thresholds": True, "pairs": plan.settings.pairs}
    columns = [] if plan.files.table is None else [name for name in plan.files.table.columns if name != IMAGE]
    if plan.source is not None and plan.settings.templates is None:  # a data set's lists are of single images
        known["pairs"] = known["pairs"] or plan.source.pairs()
        known["episodes"] = plan.source.episodes()
        columns = list(dict.fromkeys([*(metadata_of(plan.source) or ()), *columns]))
    if columns:
        parts.check_columns(plan.config, columns)
        known["metadata"] = columns
    left_out(plan.config, {name: value for name, value in known.items() if value is not None}, overrides)


def left_out(config: Plain, known: Mapping[str, Any], overrides: Sequence[str] = ()) -> list[str]:
    """Sentences about the protocols that can't be run, for want of what they measure.

    Raises:
        ConfigurationError: if the user has asked for such a protocol by name.
    """
    told = []
    for name, node in config["protocol"].items():
        for need in needs(node):
            if need in known:
                continue
            how = f"give {need}=FILE" if need in Settings.model_fields else "only some data sets have them"
            sentence = f"protocol.{name} is left out: it needs {need}, and there are none here; {how}."
            if any(override.startswith("protocol=") for override in overrides):
                raise ConfigurationError(
                    f"protocol={config['choices']['protocol']} needs {need} for its part '{name}', and there are none "
                    f"here; {how}, or choose another protocol."
                )
            told.append(sentence)
    return told


def _complete(config: Plain, settings: Settings, checkpoint: CheckpointRun | None) -> dict[str, Any]:
    """The configuration with data, protocols and rehearsal as they are going to be used, and nothing of training."""
    complete = {key: value for key, value in config.items() if key in _OWN}
    choices = {key: value for key, value in config["choices"].items() if key in ("data", "protocol", "model", "logger")}
    own_data = checkpoint is not None and "data" not in complete
    if checkpoint is not None:
        trained = checkpoint.config
        complete |= {key: trained[key] for key in TAKEN_OVER if key in trained}
        choices |= {key: trained["choices"][key] for key in ("backbone", "neck", "loss") if key in trained["choices"]}
        if own_data:
            complete["data"] = trained["data"]
            choices["data"] = trained["choices"].get("data", "")
            if "protocol" not in complete:
                complete["protocol"] = dict(trained["protocol"])
                choices["protocol"] = trained["choices"].get("protocol", "")
    if "protocol" not in complete:
        choices["protocol"] = "pairs" if settings.pairs else "breakdown" if settings.metadata else "faces"
        complete["protocol"] = _option("protocol", "faces")
    # A file that somebody gives is measured, whatever protocols there are beside.
    for need, option, given in (("pairs", "pairs", settings.pairs), ("metadata", "breakdown", settings.metadata)):
        if given and not any(need in needs(node) for node in complete["protocol"].values()):
            complete["protocol"] = {**complete["protocol"], option: _option("protocol", option)[option]}
    if complete["rehearsal"] is None:
        complete["rehearsal"] = bool(own_data and checkpoint is not None and checkpoint.config["rehearsal"])
    return {**complete, "choices": choices}


def _dimensions(files: Files, network: FaceNetwork | None, size: int | None) -> int:
    """D of what is going to be measured, found out on an empty image."""
    if network is None or size is None:
        assert files.embeddings is not None  # one of the two is there
        return files.embeddings.vectors.shape[1]
    with torch.inference_mode():
        return network.embed(torch.zeros(2, 3, size, size, dtype=torch.uint8)).shape[1]


def _option(group: str, name: str) -> dict[str, Any]:
    """What the file of an option says itself, where nobody has chosen one."""
    loaded = OmegaConf.to_container(OmegaConf.load(config_dir() / group / f"{name}.yaml"))
    assert isinstance(loaded, dict)
    return {str(key): value for key, value in loaded.items()}


def _subject(settings: Settings, checkpoint: CheckpointRun | None) -> tuple[str, str]:
    """Group and name of what is measured."""
    if checkpoint is not None:
        group, name = (str(checkpoint.config.get(key) or checkpoint.path.stem) for key in ("group", "name"))
        return group, name
    if settings.model is not None:
        subject = settings.model.name or Path(str(settings.model.path)).stem
    else:
        path = Path(str(settings.embeddings))
        subject = path.parent.name if path.name == "embeddings.safetensors" else path.stem
    return subject, subject


def _similarity(wanted: str, checkpoint: CheckpointRun | None) -> Similarity | None:
    if wanted == "auto":
        return None if checkpoint is None else checkpoint.similarity
    made: dict[str, Similarity] = {
        "cosine": CosineSimilarity(),
        "negative_squared_l2": NegativeSquaredL2(normalized=False),
        "negative_l1": NegativeL1(normalized=False),
    }
    return made[wanted]
