"""What figures are called on screens and axes, and which way they improve."""

_SMALLER_IS_BETTER = {
    "eer",
    "fmr",
    "fnmr",
    "far",
    "frr",
    "fpir",
    "fnir",
    "fta",
    "loss",
    "hter",
    "error",
    "seconds",
    "memory",
    "collapsed",
}
_SAYS_NEITHER = {"threshold", "similarity"}
_AMOUNTS = {"images", "parameters", "loss_parameters"}
"""Figures that say how much there was: of cost, not of worth."""
_ACRONYMS = {"auc", "det", "dir", "eer", "fmr", "fnmr", "fnir", "fpir", "map", "roc", "tar", "tpir"}
_SPLITS = {"train", "val", "test", "baseline"}


def improves_downwards(key: str) -> bool:
    """Whether less is better: error rates, losses."""
    # ``fnmr_at_far_1e_3`` is an FNMR; ``tar_at_far_1e_3`` is not a FAR.
    measure = key.rpartition("/")[2].partition("_at_")[0]
    return any(word in _SMALLER_IS_BETTER for word in measure.split("_"))


def has_a_better(key: str) -> bool:
    """Whether more or less of it is better at all; a threshold is neither good nor bad, nor is a number of images."""
    measure = key.rpartition("/")[2]
    return measure not in _AMOUNTS and not any(word in _SAYS_NEITHER for word in measure.split("_"))


def short_name(key: str) -> str:
    """``val/verification/auc`` → ``val AUC``: for a line with little room."""
    split, _, rest = key.partition("/")
    words = rest.rpartition("/")[2].split("_") if split in _SPLITS else key.rpartition("/")[2].split("_")
    shown = " ".join(word.upper() if word in _ACRONYMS else word for word in words)
    return f"{split} {shown}" if split in _SPLITS and split != "train" else shown
