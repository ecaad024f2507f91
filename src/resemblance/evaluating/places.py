"""Where an evaluation writes must be nothing that it reads."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resemblance.errors import ConfigurationError

_READ = ("checkpoint", "embeddings", "pairs", "metadata", "templates", "distractors")
_OF_MODEL = ("path", "weights")


def check_output_dir(output_dir: Path, config: Mapping[str, Any]) -> None:
    """Refuse a run directory that is, holds or lies in what is read: results would be mixed up with their sources.

    Args:
        output_dir: where the run is going to be written.
        config: plain containers, with the data set filled in.

    Raises:
        ConfigurationError: naming both.
    """
    model, data = config.get("model") or {}, config.get("data") or {}
    read = {name: config.get(name) for name in _READ}
    read |= {f"model.{name}": model.get(name) for name in _OF_MODEL}
    read["data.root"] = data.get("root")
    here = output_dir.resolve()
    for name, value in read.items():
        if value is None:
            continue
        place = Path(str(value)).expanduser().resolve()
        if place.exists() and (here == place or place in here.parents or here in place.parents):
            how = "is" if here == place else "lies in" if place in here.parents else "holds"
            raise ConfigurationError(
                f"output_dir='{output_dir}' {how} {name}='{value}', which the evaluation reads; choose another "
                f"output_dir, outside of it."
            )
