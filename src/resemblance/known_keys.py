"""What Hydra lets a ``+`` or a ``~`` on the command line do: keys that nobody reads, and parts that are not there.

Nothing heavy is imported: a mistake is told before what computes is.
"""

from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig, OmegaConf

from resemblance.config import config_dir, unknown_key
from resemblance.errors import ConfigurationError

_OF_HYDRA = ("defaults", "hydra")


def check_keys(config: Mapping[str, Any], choices: Mapping[str, Any], command: str) -> None:
    """Refuse a key that the command's configuration does not have, or one of its own that was taken away.

    Args:
        config: composed, without Hydra's own part.
        choices: the option that was taken of each group.
        command: ``train``, ``evaluate`` or ``compare``.

    Raises:
        ConfigurationError: naming the key, and what there is.
    """
    keys, groups = _known(command)
    # A data set that is evaluated brings what suits its training too.
    allowed = {*keys, *groups, *(_known("train")[0] if command == "evaluate" else ())}
    for key in map(str, config):
        if key not in allowed:
            raise ConfigurationError(unknown_key(key, [*keys, *groups]))
    gone = [key for key in keys if key not in config]
    gone += [group for group, option in groups.items() if option is not None and choices.get(group) is None]
    if gone:
        raise ConfigurationError(f"{command}.py needs {gone[0]}, which ~{gone[0]} has taken away; leave that out.")


def _known(command: str) -> tuple[list[str], dict[str, Any]]:
    """Keys of a command's own file, and its groups with the option that is taken where nobody says another."""
    own = OmegaConf.load(config_dir() / f"{command}.yaml")
    taken = {
        str(group): option for entry in own.defaults if isinstance(entry, DictConfig) for group, option in entry.items()
    }
    groups = {group: option for group, option in taken.items() if not group.startswith("override ")}
    return [str(key) for key in own if key not in _OF_HYDRA], groups
