"""Search spaces: ``conf/loss/search_space/LOSS.yaml`` says what may be tried for a loss, in Hydra's own words.

``interval(0.05, 0.5)``, ``tag(log, interval(8, 64))``, ``int(interval(1, 9))``, ``choice(1, 10)``. What may be tried
only where others have certain values stands below these: ``loss.distance=l2 loss.normalized=true: {loss.margin: …}``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Quote, QuotedString
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from resemblance.config import config_dir
from resemblance.errors import ConfigurationError

Value = float | int | str | bool | None
_CHOICE = re.compile(r"choice\((.*)\)")
_PLAIN_WORD = re.compile(r"[A-Za-z_][\w.-]*")
_MEANS_SOMETHING_ELSE = {"null", "true", "false", "nan", "inf"}
"""Words that Hydra takes for values of another type."""


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


def search_space(loss: str, config: Mapping[str, Any]) -> Space:
    """The search space that lies beside a loss's own file.

    Args:
        loss: option of ``loss=``.
        config: of the contestant, plain containers: what is written for other settings than these is left out.

    Raises:
        ConfigurationError: if there is none, or it can't be read.
    """
    path = config_dir() / "loss" / "search_space" / f"{loss}.yaml"
    if not path.is_file():
        raise ConfigurationError(
            f"loss={loss} has no search space for sweep=tune; write conf/loss/search_space/{loss}.yaml, such as "
            f"'loss.margin: interval(0.1, 0.5)'."
        )
    return read_space(path, config)


def read_space(path: Path, config: Mapping[str, Any]) -> Space:
    """A search space as it is written, for a configuration.

    Raises:
        ConfigurationError: naming the file and what can't be read in it.
    """
    try:
        written = OmegaConf.to_container(OmegaConf.load(path))
    except (OmegaConfBaseException, OSError, ValueError) as error:
        raise ConfigurationError(f"'{path}' can't be read: {str(error).splitlines()[0]}.") from error
    if not isinstance(written, dict) or not written:
        raise ConfigurationError(f"'{path}' names no setting; write lines such as 'loss.margin: interval(0.1, 0.5)'.")
    space: dict[str, Interval | Choice] = {}
    for key, said in written.items():
        if not isinstance(said, dict):
            said = {key: said}
        elif not all(_holds(condition, config) for condition in str(key).split()):
            continue
        space |= {str(setting): _parsed(path, str(setting), str(text)) for setting, text in said.items()}
    return space


def value_at(config: Mapping[str, Any], setting: str) -> Any:
    """What a setting such as ``loss.margin`` is in plain containers; None where there is none."""
    value: Any = config
    for part in setting.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _holds(condition: str, config: Mapping[str, Any]) -> bool:
    setting = condition.partition("=")[0]
    return as_override(setting, value_at(config, setting)) == condition


def as_override(setting: str, value: Value) -> str:
    """A setting and its value in Hydra's words.

    >>> as_override("loss.margin", None), as_override("loss.mining", "all of them"), as_override("loss.soft", True)
    ('loss.margin=null', "loss.mining='all of them'", 'loss.soft=true')
    """
    if value is None:
        return f"{setting}=null"
    if isinstance(value, bool):
        return f"{setting}={str(value).lower()}"
    if isinstance(value, str) and (not _PLAIN_WORD.fullmatch(value) or value.lower() in _MEANS_SOMETHING_ELSE):
        return f"{setting}={QuotedString(value, Quote.single).with_quotes()}"
    return f"{setting}={value}"


def _option(option: object) -> Value:
    if isinstance(option, QuotedString):
        return option.text
    return option if option is None or isinstance(option, float | int | str | bool) else str(option)


def _parsed(path: Path, setting: str, text: str) -> Interval | Choice:
    # Hydra's choice() takes no null, and the same options with commas between them do.
    said = inside[1] if (inside := _CHOICE.fullmatch(text)) else text
    try:
        value = OverridesParser.create().parse_override(f"{setting}={said}").value()
    except HydraException as error:
        raise ConfigurationError(f"'{path}' says '{setting}: {text}', which can't be read.") from error
    if isinstance(value, IntervalSweep) and value.start is not None and value.end is not None:
        whole = isinstance(value.start, int) and isinstance(value.end, int)  # of int(…) alone: others are cast to float
        found = Interval(value.start, value.end, log="log" in value.tags, whole=whole)
        if found.low < found.high and (found.low > 0 or not found.log):
            return found
    if isinstance(value, ChoiceSweep) and len(value.list) > 1:
        return Choice(tuple(_option(option) for option in value.list))
    raise ConfigurationError(
        f"'{path}' says '{setting}: {text}'; write interval(LOW, HIGH), tag(log, interval(LOW, HIGH)) or choice(A, B)."
    )
