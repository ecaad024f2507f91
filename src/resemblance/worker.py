"""``python -m resemblance.worker RUN_DIRECTORY RANK PORT``: one more process of a training on several devices.

:mod:`resemblance.processes` starts it. It builds what the first process has built, from the resolved configuration in
the run directory, and takes its part of every batch; it logs nothing and writes no file.
"""

import sys
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from resemblance import parts, process_group, processes
from resemblance.assembly import assemble
from resemblance.config import to_plain
from resemblance.devices import fitting_in_memory
from resemblance.errors import ResemblanceError
from resemblance.tracking.paths import RunPaths
from resemblance.trainers import build_trainer, quiet_lightning


def work(run_directory: Path, rank: int, port: int) -> None:
    """Take part in the fit of the run whose first process listens on ``port``."""
    paths = RunPaths(run_directory)
    config = OmegaConf.load(paths.config)
    assert isinstance(config, DictConfig)
    plain = to_plain(config)
    source = parts.build_source(plain)
    data = parts.build_datamodule(plain, source)
    data.setup()
    module = assemble(plain, source, data.train_set.identity_names).module
    trainer = build_trainer(plain, paths.checkpoints, rank=rank)
    store = process_group.join(rank, port)
    in_group = process_group.group(store, rank, trainer.world_size, trainer.strategy.root_device)
    with in_group, fitting_in_memory(plain):
        trainer.fit(module, datamodule=data)


def main() -> None:
    """What ``python -m`` runs."""
    processes.end_with_parent()
    try:
        with quiet_lightning():
            work(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    except Exception as error:
        for cause in processes.causes(error):
            if isinstance(cause, ResemblanceError):
                sys.exit(f"{processes.SENTENCE}{cause}")
        raise


if __name__ == "__main__":
    main()
