"""``train(config)``: from a configuration to a finished run directory, as an ordinary function that tests call too."""

import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.loggers import Logger
from rich.console import Console

from resemblance import checkpoints, parts
from resemblance.assembly import assemble
from resemblance.config import to_plain
from resemblance.cost import CostMeter
from resemblance.data.datamodule import FaceDataModule
from resemblance.data.source import resolved_by
from resemblance.devices import accelerator, device_name, fitting_in_memory, number_of_devices
from resemblance.evaluation import Measurement, measure
from resemblance.process_group import threads_of_each
from resemblance.processes import started_workers
from resemblance.protocols.progress import waiting
from resemblance.settings import check_settings
from resemblance.similarity import Similarity
from resemblance.tracking.breakdown import write_breakdowns
from resemblance.tracking.console import described, summary, validation_summary
from resemblance.tracking.figures.samples import Samples
from resemblance.tracking.figures.write import write_figures
from resemblance.tracking.hardest_pairs import write_hardest_pairs
from resemblance.tracking.history import HistoryLogger
from resemblance.tracking.keys import merged
from resemblance.tracking.loggers import check_logger, run_tracker
from resemblance.tracking.progress import TrainingProgress
from resemblance.tracking.run_directory import RunDirectory
from resemblance.tracking.run_names import run_names
from resemblance.tracking.run_record import record_of
from resemblance.tracking.told import warnings_told
from resemblance.tracking.wandb_about import job_type_of
from resemblance.trainers import build_trainer, check_selection, check_trainer, quiet_lightning, selected_checkpoint


@dataclass(frozen=True)
class Outcome:
    """What a training leaves behind: the run directory, and the figures before and after."""

    directory: Path
    baseline: Measurement
    trained: Measurement


def train(
    config: DictConfig, output_dir: Path, overrides: Sequence[str] = (), console: Console | None = None
) -> Outcome:
    """Train one configuration, test the selected checkpoint on unseen identities, and write the run directory.

    Args:
        config: ``conf/train.yaml`` composed, with ``choices`` (the option taken of each group).
        output_dir: the run directory; created.
        overrides: what the user changed, for the run's name.
        console: where the tables go; the terminal by default.

    Raises:
        ConfigurationError: before any data is touched.
        DataError: when the data can't be used.
        OutputError: when the run directory can't be written.
        TrainingError: when the loss is no longer a number, or a batch does not fit into memory.
    """
    began = time.monotonic()
    console = console or Console()
    plain = to_plain(config)
    check_settings(plain)
    parts.check_parts(plain)
    check_trainer(plain, parts.validation_keys(plain))
    check_logger(plain["logger"])
    devices = number_of_devices(plain["trainer"])
    on_cpus = accelerator(plain["trainer"]) == "cpu"
    record = record_of(plain, overrides, threads_of_each(devices) if on_cpus else torch.get_num_threads())
    plain["trainer"]["devices"] = devices
    group, name = run_names(plain["choices"], overrides, plain["seed"])
    plain |= {"group": group, "name": name, "output_dir": str(output_dir)}
    directory = RunDirectory(output_dir)
    console.print(f"[bold]{name}[/bold]", highlight=False)

    with warnings_told(console):
        with directory.nothing_left(), console.status(f"loading {plain['choices']['data']} …"):
            source = parts.build_source(plain)
            parts.check_network(plain, source)
            parts.check_lists(plain, source)
            parts.check_metadata(plain, source)
            data = parts.build_datamodule(plain, source)
            data.setup()
            plain["data"] = {**plain["data"], **resolved_by(source)}
        console.print(described(source.describe()), style="dim", highlight=False)

    with (
        quiet_lightning(),
        warnings_told(console),
        run_tracker(directory, plain, plain["logger"], group=group, name=name, job_type=job_type_of(plain)) as tracked,
    ):
        network, loss, module = assemble(plain, source, data.train_set.identity_names)
        directory.begin(OmegaConf.to_yaml(OmegaConf.create(plain)))
        with started_workers(directory.path, devices) as workers:
            loggers: list[Logger] = [HistoryLogger(directory.history), *tracked.lightning]
            cost = CostMeter()
            trainer = build_trainer(plain, directory.checkpoints, loggers, [TrainingProgress(console), cost])
            device = trainer.strategy.root_device

            with waiting(console, "measuring the untrained network …"):
                baseline = measure(plain, network, loss.similarity, data, device)
            check_selection(plain["selection"]["metric"], baseline.validation)
            with nullcontext() if workers is None else workers.joined(device), fitting_in_memory(plain):
                trainer.fit(module, datamodule=data)
        checkpoints.restore(selected_checkpoint(plain, directory.checkpoints), module)
        with waiting(console, "measuring the selected checkpoint …"):
            trained = measure(plain, network, loss.similarity, data, device)

        results = merged(
            baseline=baseline.test,
            validation=trained.validation,
            test=trained.test,
            training=module.collapse.result() | cost.result(),
        )
        _write_test_set(directory, data, baseline, trained, loss.similarity)
        directory.finish(results, record.on(device_name(device)))
        tracked.log_final(results, directory, plain)
    if plain["measure_test"]:
        summary(console, baseline.test, trained.test, directory)
    else:
        validation_summary(console, trained.validation, plain["selection"]["metric"], directory)
    console.print(f"{time.monotonic() - began:.0f} s since the configuration was read", style="dim", highlight=False)
    if plain["rehearsal"]:
        console.print("This was a rehearsal: every part has run, and its figures mean nothing.", style="yellow")
    return Outcome(directory.path, baseline, trained)


def _write_test_set(
    directory: RunDirectory, data: FaceDataModule, before: Measurement, after: Measurement, similarity: Similarity
) -> None:
    """Pictures, lists and embeddings of the test set, if it was looked at, and of every set the images that failed."""
    test_set = data.test_set
    learned = {"train": data.train_set.failures, "validation": data.validation_set.failures}
    directory.write_failures(test_set.failures, others=learned)
    if after.embeddings is None:
        return
    samples = Samples(test_set.images, test_set.identities, test_set.identity_names, test_set.image_ids)
    write_figures(directory, before.test, after.test, samples)
    write_hardest_pairs(directory, after.test, test_set.image_ids)
    write_breakdowns(directory, after.test)
    directory.write_embeddings(after.embeddings, test_set.image_ids, test_set.identity_names, similarity)
