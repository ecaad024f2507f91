"""Search spaces: ``conf/loss/search_space/LOSS.yaml`` says what may be tried for a loss, in Hydra's own words.

``interval(0.05, 0.5)``, ``tag(log, interval(8, 64))``, ``int(interval(1, 9))``, ``choice(1, 10)``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from resemblance.config import config_dir
from resemblance.errors import ConfigurationError

Value = float | int | str | bool


@dataclass(frozen=True)
class Interval:
    """Numbers between two ends, which belong to it.

    Attributes:
        low, high: the ends.
        log: whether ratios count instead of differences.
        whole: whole numbers only.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Choice:
    """One of several values."""

    options: tuple[Value, ...]


Space = Mapping[str, Interval | Choice]
"""By setting, such as ``loss.margin``."""


def search_space(loss: str) -> Space:
    """The search space that lies beside a loss's own file.

    Args:
        loss: option of ``loss=``.

    Raises:
        ConfigurationError: if there is none, or it can't be read.
    """
    path = config_dir() / "loss" / "search_space" / f"{loss}.yaml"
    if not path.is_file():
        raise ConfigurationError(
            f"loss={loss} has no search space for sweep=tune; write conf/loss/search_space/{loss}.yaml, such as "
            f"'loss.margin: interval(0.1, 0.5)'."
        )
    return read_space(path)


def read_space(path: Path) -> Space:
    """A search space as it is written.

    Raises:
        ConfigurationError: naming the file and what can't be read in it.
    """
    try:
        written = OmegaConf.to_container(OmegaConf.load(path))
    except (OmegaConfBaseException, OSError, ValueError) as error:
        raise ConfigurationError(f"'{path}' can't be read: {str(error).splitlines()[0]}.") from error
    if not isinstance(written, dict) or not written:
        raise ConfigurationError(f"'{path}' names no setting; write lines such as 'loss.margin: interval(0.1, 0.5)'.")
    return {str(setting): _parsed(path, str(setting), str(text)) for setting, text in written.items()}


def _parsed(path: Path, setting: str, text: str) -> Interval | Choice:
    try:
        value = OverridesParser.create().parse_override(f"{setting}={text}").value()
    except HydraException as error:
        raise ConfigurationError(f"'{path}' says '{setting}: {text}', which can't be read.") from error
    if isinstance(value, IntervalSweep) and value.start is not None and value.end is not None:
        whole = isinstance(value.start, int) and isinstance(value.end, int) and text.startswith("int(")
        found = Interval(value.start, value.end, log="log" in value.tags, whole=whole)
        if found.low < found.high and (found.low > 0 or not found.log):
            return found
    if isinstance(value, ChoiceSweep) and len(value.list) > 1:
        return Choice(tuple(option if isinstance(option, Value) else str(option) for option in value.list))
    raise ConfigurationError(
        f"'{path}' says '{setting}: {text}'; write interval(LOW, HIGH), tag(log, interval(LOW, HIGH)) or choice(A, B)."
    )
