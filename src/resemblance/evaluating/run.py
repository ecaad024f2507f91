"""``evaluate(config)``: from a configuration to a finished run directory, as an ordinary function."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from resemblance import parts
from resemblance.config import to_plain
from resemblance.data.source import resolved_by
from resemblance.devices import device_name
from resemblance.evaluating.files.distractors import as_strangers
from resemblance.evaluating.gathering import gathered, loaded
from resemblance.evaluating.material import Material
from resemblance.evaluating.places import check_output_dir
from resemblance.evaluating.plan import Plan, check_needs, left_out, planned
from resemblance.evaluating.settings import checked, torch_device
from resemblance.evaluation import known_things
from resemblance.protocols import run_protocols
from resemblance.protocols.acquisition import with_failures
from resemblance.protocols.progress import waiting
from resemblance.results import Result
from resemblance.tracking.breakdown import write_breakdowns
from resemblance.tracking.console import described, summary
from resemblance.tracking.figures.samples import Samples
from resemblance.tracking.figures.write import write_figures
from resemblance.tracking.hardest_pairs import write_hardest_pairs
from resemblance.tracking.keys import merged
from resemblance.tracking.loggers import run_tracker
from resemblance.tracking.run_directory import RunDirectory
from resemblance.tracking.run_record import RunRecord, record_of
from resemblance.tracking.told import warnings_told
from resemblance.trainers import quiet_lightning
from resemblance.wording import counted


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation leaves behind: the run directory and the figures, those of the untrained network perhaps."""

    directory: Path
    test: Result
    validation: Result
    baseline: Result


def evaluate(
    config: DictConfig, output_dir: Path, overrides: Sequence[str] = (), console: Console | None = None
) -> Evaluated:
    """Measure a checkpoint, somebody else's network or a file of embeddings, and write the run directory.

    Args:
        config: ``conf/evaluate.yaml`` composed, with ``choices`` (the option taken of each group).
        output_dir: the run directory; created.
        overrides: what the user changed, for the run's name.
        console: where the tables go; the terminal by default.

    Raises:
        ConfigurationError: before any data is touched.
        DataError: when the data, a list or a file of embeddings can't be used.
        OutputError: when the run directory can't be written.
    """
    began = time.monotonic()
    console = console or Console()
    plain = to_plain(config)
    settings = checked(plain)
    plan = planned(plain, settings, overrides)
    check_output_dir(output_dir, plan.config)
    record = replace(record_of(plain, overrides, torch.get_num_threads()), given=plan.files.hashes())
    directory = RunDirectory(output_dir, "evaluate")
    plain = {**plan.config, "output_dir": str(output_dir)}
    if plan.checkpoint is not None:
        plain["checkpoint"] = str(plan.checkpoint.path)  # the file, where a run directory has several
    console.print(f"[bold]{plan.name}[/bold]", highlight=False)

    with quiet_lightning(), warnings_told(console):
        with directory.nothing_left(), console.status("reading …"):
            check_needs(plan, overrides)
            found = loaded(plan)
            facts = None if plan.source is None else described(plan.source.describe())
            if plan.source is not None:
                plain["data"] = {**plain["data"], **resolved_by(plan.source)}
        if facts is not None:
            console.print(facts, style="dim", highlight=False)
        with run_tracker(
            directory, plain, plain["logger"], group=plan.group, name=plan.name, job_type="evaluate"
        ) as tracked:
            directory.begin(OmegaConf.to_yaml(OmegaConf.create(plain)))
            material, untrained = gathered(plan, found, console)
            known = _known(plan, material)
            console.print(_judged(material), style="dim", markup=False, highlight=False)
            for sentence in (*plan.told, *material.told, *left_out(plain, known)):
                console.print(sentence, style="yellow", markup=False, highlight=False)
            with waiting(console, "measuring …"):
                test, validation = _measured(plain, material, known)
                baseline = Result() if untrained is None else _measured(plain, untrained, _known(plan, untrained))[0]
                write_figures(directory, None if untrained is None else baseline, test, _samples(material))
            results = merged(test=test, validation=validation, baseline=baseline)
            _write(directory, material, test, results, record.on(device_name(torch_device(settings.device))))
            tracked.log_final(results, directory)
    summary(console, baseline, test, directory)
    console.print(f"{time.monotonic() - began:.0f} s since the configuration was read", style="dim", highlight=False)
    if plain["rehearsal"]:
        console.print("This was a rehearsal: every part has run, and its figures mean nothing.", style="yellow")
    return Evaluated(directory.path, test, validation, baseline)


def _samples(material: Material) -> Samples | None:
    if material.images is None:
        return None
    return Samples(material.images, material.test.identities, material.identity_names, material.image_ids)


def _write(directory: RunDirectory, material: Material, test: Result, results: Result, record: RunRecord) -> None:
    write_hardest_pairs(directory, test, material.image_ids)
    write_breakdowns(directory, test)
    directory.write_failures(*material.listed_failures())
    directory.write_embeddings(material.test, material.image_ids, material.identity_names, material.similarity)
    directory.finish(results, record)


def _judged(material: Material) -> str:
    """What is compared, and by what."""
    number, dimensions = material.test.vectors.shape
    subjects = len(material.test.identities.unique())
    similarity = material.similarity
    on_sphere = " of unit vectors" if similarity.normalized and similarity.name != "cosine" else ""
    return (
        f"{counted(number, material.unit)} of {counted(subjects, 'identity', 'identities')} · "
        f"{counted(dimensions, 'dimension')} · similarity {similarity.name}{on_sphere}"
    )


def _known(plan: Plan, material: Material) -> dict[str, Any]:
    """What the protocols may ask for."""
    return known_things(
        material.validation,
        material.similarity,
        pairs=material.pairs,
        episodes=material.episodes,
        metadata=material.metadata,
        distractors=None if plan.files.distractors is None else as_strangers(plan.files.distractors),
    )


def _measured(config: Mapping[str, Any], material: Material, known: Mapping[str, Any]) -> tuple[Result, Result]:
    """The figures of the test set and those of the validation identities, where there are any."""
    test = run_protocols(parts.build_protocols(config, **known), material.test, material.similarity)
    test = with_failures(test, len(material.test), len(material.failures))
    validation = Result()
    if material.validation is not None:
        validation = run_protocols(parts.build_protocols(config), material.validation, material.similarity)
    return test, validation
