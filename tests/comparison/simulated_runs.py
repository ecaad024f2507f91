"""Simulated studies as run directories, written by what writes those of trainings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import yaml

from resemblance.atomic import write_csv
from resemblance.metrics.replicates import replicates
from resemblance.metrics.uncertainty import interval
from resemblance.results import Result, Scalar
from resemblance.tracking.run_directory import RunDirectory
from resemblance.tracking.run_record import configuration_hash, record_of
from tests.comparison.simulated import World, influences

RATE = "test/identification/rank_1"


def write_simulated(folder: Path, world: World, generator: np.random.Generator, copied: int = 0) -> None:
    """Write one study: a run directory for every loss and seed.

    Args:
        folder: of the study.
        world: that it is drawn from; ``settings.loss.number`` of a run is the place of its loss there.
        generator: of all its effects.
        copied: how many losses are trained a second time, from the first on, under another name.
    """
    rates = world.rates(generator)
    rates = np.concatenate([rates, rates[:copied]])
    seeds, subjects = rates.shape[1:]
    moves = influences(rates.reshape(-1, subjects))
    values = rates.mean(2).ravel().tolist()
    drawn = replicates(values, moves, torch.arange(subjects))
    about = replace(record_of({}, [], 1), code="0123456789ab")  # of the changes of whoever works here, nothing
    for place, (value, influence, of_run) in enumerate(zip(values, moves, drawn, strict=True)):
        loss, seed = divmod(place, seeds)
        config = {
            "seed": seed,
            "epochs": 1,
            "loss": {"_target_": "resemblance.losses.CosFaceLoss", "number": loss},
            "choices": {"loss": "cosface", "data": "simulated"},
            "name": f"{loss}-{seed}",
        }
        found = interval(value, influence)
        ends = found.low, found.high, found.method
        scalar = Scalar(value, "rank-1", {"subjects": subjects}, *ends, degrees=influence.degrees_of_freedom)
        directory = RunDirectory(folder / config["name"])
        directory.write_config(yaml.safe_dump(config))
        write_csv(directory.images, ("row", "identity", "image_id"), [(i, i, f"{i}/0") for i in range(subjects)])
        record = replace(about, configuration=configuration_hash(config))
        directory.finish(Result({RATE: scalar}, replicates={RATE: of_run}), record)
