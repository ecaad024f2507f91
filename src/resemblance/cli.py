"""Command-line entry points: Hydra composes, an ordinary function works, and a user's mistake ends in one sentence.

Nothing heavy is imported before the configuration is read, so that ``--help`` and tab completion are instant.
"""

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from resemblance import __version__
from resemblance.config import config_dir, to_plain
from resemblance.errors import UNWRITABLE, ConfigurationError, ResemblanceError, unwritable
from resemblance.hydra_errors import translated
from resemblance.known_keys import check_keys
from resemblance.new_folders import NoteNewFolders
from resemblance.studies.settings import check_no_output_dir, check_option, sweep_settings
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.sweep import check_not_elsewhere, record_interruption
from resemblance.tracking.sweep_lock import alone_in

FULL_ERROR = "HYDRA_FULL_ERROR"
"""Hydra's environment variable: with it, the traceback of a mistake stands before its sentence."""


def train() -> None:
    """``python train.py``: compose ``conf/train.yaml`` and run :func:`resemblance.training.train`."""
    _run("train", _train)


def evaluate() -> None:
    """``python evaluate.py``: compose ``conf/evaluate.yaml`` and run :func:`resemblance.evaluating.run.evaluate`."""
    _run("evaluate", _evaluate)


def compare() -> None:
    """``python compare.py``: compose ``conf/compare.yaml`` and run :func:`resemblance.comparison.command.compare`."""
    _run("compare", _compare)


def _train(config: DictConfig) -> None:
    check_option(HydraConfig.get().runtime.choices.get("sweep"))
    if HydraConfig.get().mode != RunMode.MULTIRUN and (kind := sweep_settings(config.sweep).kind) != "none":
        raise ConfigurationError(f"sweep={kind} belongs to a multirun; add -m, or leave it out.")
    from resemblance.training import train

    train(_with_choices(config), _run_directory(), overrides=_overrides())


def _evaluate(config: DictConfig) -> None:
    from resemblance.evaluating.settings import checked

    checked(to_plain(config))  # a second before what computes is imported
    from resemblance.evaluating.run import evaluate

    evaluate(_with_choices(config), _run_directory(), overrides=_overrides())


def _compare(config: DictConfig) -> None:
    from resemblance.comparison.settings import checked

    checked(to_plain(config))
    from resemblance.comparison.command import compare

    compare(config, _run_directory(), overrides=_overrides())


def _check_place(config: DictConfig) -> None:
    """Refuse a folder that isn't there or can't be meant, which Hydra would take for the current one."""
    if HydraConfig.get().mode != RunMode.MULTIRUN:
        if config.output_dir in (None, ""):
            raise ConfigurationError("output_dir is empty; name a folder, or leave it out for runs/DATE/TIME.")
    else:
        check_no_output_dir(_overrides())


def _alone() -> AbstractContextManager[None]:
    """No other process writes to the same folder meanwhile; the jobs of a multirun have taken their locks before."""
    if HydraConfig.get().mode != RunMode.MULTIRUN:
        return alone_in(_run_directory())
    check_not_elsewhere()
    return nullcontext()


def _overrides() -> list[str]:
    """What the user has said."""
    return list(HydraConfig.get().overrides.task)


def _run_directory() -> Path:
    return Path(HydraConfig.get().runtime.output_dir)


def _with_choices(config: DictConfig) -> DictConfig:
    """The configuration with the option taken of each of our own groups: ``choices: {"loss": "cosface", …}``."""
    chosen = HydraConfig.get().runtime.choices
    choices = {group: option for group, option in chosen.items() if "/" not in group and option not in (None, "null")}
    return OmegaConf.create({**config, "choices": choices})


def _run(config_name: str, task: Callable[[DictConfig], None]) -> None:
    if "--version" in sys.argv[1:]:
        sys.stdout.write(f"resemblance {__version__}\n")
        return
    told_in_full = os.environ.get(FULL_ERROR) == "1"
    os.environ[FULL_ERROR] = "1"  # Hydra then raises what went wrong instead of printing and exiting
    started = False
    mistake: ResemblanceError | None = None

    def start(config: DictConfig) -> None:
        nonlocal started, mistake
        started = True
        try:
            check_keys(config, HydraConfig.get().runtime.choices, config_name)
            _check_place(config)
            with _alone():
                task(config)
        except (KeyboardInterrupt, SystemExit) as error:  # Lightning turns the first into the second
            raise SystemExit(_interrupted(config)) from error
        except ResemblanceError as error:
            if HydraConfig.get().mode == RunMode.MULTIRUN:
                raise  # the sweep's callback records it and the other jobs go on
            mistake = error  # Hydra would print a line about its job before our sentence
            if not RunPaths(_run_directory()).config.exists():  # a run that has begun leaves what it has
                NoteNewFolders.remove()

    try:
        hydra.main(version_base="1.3", config_path=str(config_dir()), config_name=config_name)(start)()
    except KeyboardInterrupt:
        if not started:
            NoteNewFolders.remove()
        sys.exit("resemblance: interrupted.")
    except ResemblanceError as error:
        mistake = error
    except (HydraException, OmegaConfBaseException) as error:
        mistake = translated(error, config_name)
    except OSError as error:
        # Before a run starts only Hydra has touched the disk, to make the run directory.
        if started and error.errno not in UNWRITABLE:
            raise
        mistake = unwritable(error)
    if mistake is not None:
        if not started:
            NoteNewFolders.remove()
        if told_in_full:
            traceback.print_exception(mistake)
        sys.exit(f"resemblance: {mistake}")


def _interrupted(config: DictConfig) -> str:
    """What is left where the work was interrupted, in one sentence."""
    paths = RunPaths(_run_directory())
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        record_interruption(config)
        if paths.finished:
            return (
                f"resemblance: interrupted after the job '{paths.path}' was finished; its log in W&B may lack the end."
            )
        again = f", and the command with hydra.sweep.dir={paths.path.parent} goes on" if "epochs" in config else ""
        return f"resemblance: interrupted in the job '{paths.path}'; runs.csv above it lists the jobs{again}."
    if paths.finished:
        return f"resemblance: interrupted after '{paths.path}' was finished; its log in W&B may lack the end."
    if not paths.config.exists():
        NoteNewFolders.remove()
        if paths.path.is_dir() and any(paths.path.iterdir()):  # of a comparison, which writes no configuration
            return f"resemblance: interrupted; '{paths.path}' holds the files that were finished."
        return "resemblance: interrupted before the work began."
    return f"resemblance: interrupted; '{paths.path}' holds what was finished, and no metrics.json."
