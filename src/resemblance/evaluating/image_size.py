"""At which size a data set's images are loaded for a network that takes another."""

from collections.abc import Mapping, Sequence
from typing import Any

from omegaconf import OmegaConf

from resemblance.config import config_dir, locate


def at_image_size(node: Mapping[str, Any], size: int) -> tuple[dict[str, Any], str | None]:
    """The node of a data set at the size that a network takes, or as near to it as the data set goes.

    A data set has bounds that say nothing of a network: it resizes what it is given.

    Args:
        node: of the data set.
        size: pixels that the network takes.

    Returns:
        The node, and a sentence where the size is another.
    """
    if "image_size" not in node:
        return dict(node), None
    least, most = getattr(locate(node["_target_"]), "image_sizes", (size, size))
    given = min(max(size, least), most)
    sentence = None
    if given != size:
        sentence = (
            f"The data set gives images of {given} pixels, its {'largest' if given == most else 'smallest'}; they are "
            f"resized to the {size} that the network takes."
        )
    return {**node, "image_size": given}, sentence


def chose_image_size(config: Mapping[str, Any], overrides: Sequence[str]) -> bool:
    """Whether the user has set the size of the images, on the command line or in a configuration of his own."""
    if any(override.lstrip("+").startswith("data.image_size=") for override in overrides):
        return True
    chosen = config["choices"].get("data")
    written = config_dir() / "data" / f"{chosen}.yaml"
    if "image_size" not in config.get("data", {}) or not written.is_file():
        return False
    loaded = OmegaConf.load(written)
    return bool(config["data"]["image_size"] != OmegaConf.select(loaded, "data", default=loaded).get("image_size"))
