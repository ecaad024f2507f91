"""Command-line entry points: Hydra composes, an ordinary function works, and a user's mistake ends in one sentence.

Nothing heavy is imported before the configuration is read, so that ``--help`` and tab completion are instant.
"""

import errno
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import ConfigCompositionException, HydraException, MissingConfigException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from resemblance.config import config_dir, unknown_key
from resemblance.errors import ConfigurationError, OutputError, ResemblanceError


def train() -> None:
    """``python train.py``: compose ``conf/train.yaml`` and run :func:`resemblance.training.train`."""
    _run("train", _train)


def evaluate() -> None:
    """``python evaluate.py``: compose ``conf/evaluate.yaml`` and run :func:`resemblance.evaluating.run.evaluate`."""
    _run("evaluate", _evaluate)


def _train(config: DictConfig) -> None:
    from resemblance.training import train

    train(_with_choices(config), Path(HydraConfig.get().runtime.output_dir), overrides=_overrides())


def _evaluate(config: DictConfig) -> None:
    from resemblance.evaluating.run import evaluate

    evaluate(_with_choices(config), Path(HydraConfig.get().runtime.output_dir), overrides=_overrides())


def _overrides() -> list[str]:
    """What the user has said."""
    overrides = list(HydraConfig.get().overrides.task)
    if HydraConfig.get().mode == RunMode.MULTIRUN and any(o.startswith("output_dir=") for o in overrides):
        raise ConfigurationError(
            "The jobs of a multirun have a folder each, below hydra.sweep.dir=FOLDER; set that instead of output_dir."
        )
    return overrides


def _with_choices(config: DictConfig) -> DictConfig:
    """The configuration with the option taken of each of our own groups: ``choices: {"loss": "cosface", …}``."""
    chosen = HydraConfig.get().runtime.choices
    choices = {group: option for group, option in chosen.items() if "/" not in group and option not in (None, "null")}
    return OmegaConf.create({**config, "choices": choices})


def _run(config_name: str, task: Callable[[DictConfig], None]) -> None:
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra then raises what went wrong instead of printing and exiting
    started = False
    mistake: ResemblanceError | None = None

    def start(config: DictConfig) -> None:
        nonlocal started, mistake
        started = True
        try:
            task(config)
        except (KeyboardInterrupt, SystemExit):  # Lightning turns the first into the second
            where = HydraConfig.get().runtime.output_dir
            sys.stderr.write(f"resemblance: interrupted; '{where}' holds what was finished, and no metrics.json.\n")
            raise
        except ResemblanceError as error:
            if HydraConfig.get().mode == RunMode.MULTIRUN:
                raise  # the sweep's callback records it and the other jobs go on
            mistake = error  # Hydra would print a line about its job before our sentence
            with suppress(OSError):  # a refused run leaves nothing, a run that has begun leaves what it has
                Path(HydraConfig.get().runtime.output_dir).rmdir()

    try:
        hydra.main(version_base="1.3", config_path=str(config_dir()), config_name=config_name)(start)()
    except ResemblanceError as error:
        mistake = error
    except (HydraException, OmegaConfBaseException) as error:
        mistake = _translated(error, config_name)
    except OSError as error:
        # Before a run starts only Hydra has touched the disk, to make the run directory.
        if started and error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        mistake = _unwritable(error)
    if mistake is not None:
        sys.exit(f"resemblance: {mistake}")


def _translated(error: Exception, command: str) -> ResemblanceError:
    """Hydra's and OmegaConf's errors in one sentence that lists what could have been meant.

    Args:
        error: theirs.
        command: ``train`` or ``evaluate``.
    """
    if isinstance(error, MissingConfigException) and error.options is not None and error.missing_cfg_file:
        group, _, name = error.missing_cfg_file.rpartition("/")
        return ConfigurationError(
            f"There is no {group} called '{name}'; {group} is one of {', '.join(sorted(error.options))}."
        )
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConfigAttributeError | ConfigKeyError) and cause.full_key:
            if (group := cause.full_key) in _groups(command):
                return ConfigurationError(
                    f"A setting of '{group}' needs a choice of it on the command line too: {group}=, one of "
                    f"{', '.join(_options(group))}."
                )
            parent = cause.parent_node
            options = [str(key) for key in parent] if isinstance(parent, DictConfig) else []
            if "." not in cause.full_key:
                options += [group for group in _groups(command) if "/" not in group and group not in options]
            return ConfigurationError(
                unknown_key(cause.full_key, [o for o in options if not o.startswith("_") and o != "hydra"])
            )
        cause = cause.__cause__
    text = re.sub(r"\s+", " ", str(error)).strip().rstrip(".") or f"The configuration is not readable: {error!r}"
    if isinstance(error, OverrideParseException) and "=" in error.override:
        return ConfigurationError(
            f"'{error.override}' can't be read as key=value; put a value with brackets, commas or spaces into quotes "
            f"within quotes, as in 'key=\"(a, b)\"'."
        )
    if isinstance(error, ConfigCompositionException) and (found := re.search("Could not override '([^']*)'", text)):
        return ConfigurationError(
            f"There is no group '{found[1]}' in {command}.py; python {command}.py --help lists what there is."
        )
    return ConfigurationError(f"{text}.")


def _groups(command: str) -> set[str]:
    """The groups of a command, with those of which no option is taken unless somebody says so."""
    defaults = OmegaConf.load(config_dir() / f"{command}.yaml").defaults
    return {str(group) for entry in defaults if isinstance(entry, DictConfig) for group in entry}


def _options(group: str) -> list[str]:
    return sorted(path.stem for path in (config_dir() / group).glob("*.yaml"))


def _unwritable(error: OSError) -> OutputError:
    where = f"'{error.filename}' can't be used" if error.filename else "A file could not be written"
    return OutputError(f"{where} ({error.strerror}); choose a folder that you may write to with output_dir=….")
