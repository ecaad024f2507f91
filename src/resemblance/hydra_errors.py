"""Hydra's and OmegaConf's errors in the words of this package: one sentence that lists what could have been meant."""

import re

from hydra.errors import ConfigCompositionException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError

from resemblance.config import config_dir, unknown_key
from resemblance.errors import ConfigurationError, ResemblanceError

_OF_AN_EXTRA = {
    "hydra/launcher/joblib": "joblib",
    "hydra/launcher/ray": "ray",
    "hydra/launcher/submitit_slurm": "submitit",
}
"""Configurations that come with a plugin of Hydra's, and the extra of this package that installs it."""


def translated(error: Exception, command: str) -> ResemblanceError:
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
    if isinstance(error, MissingConfigException) and error.missing_cfg_file in _OF_AN_EXTRA:
        extra = _OF_AN_EXTRA[error.missing_cfg_file]
        return ConfigurationError(f"That launcher is not installed; pip install 'resemblance[{extra}]'.")
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
    if found := re.search(r"Ambiguous value for argument '([^=']*)=([^']*)'", text):
        several = "" if command == "compare" else ", or add -m to run one after the other"
        return ConfigurationError(
            f"'{found[1]}={found[2]}' has several values; write a list as {found[1]}=[{found[2]}]{several}."
        )
    if isinstance(error, OverrideParseException) and "=" not in error.override:
        return ConfigurationError(
            f"'{error.override}' is not KEY=VALUE, such as logger=none; python {command}.py --help lists what there is."
        )
    if isinstance(error, OverrideParseException):
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
