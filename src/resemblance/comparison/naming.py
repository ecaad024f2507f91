"""What contestants are called: the loss, and in parentheses what tells it from others with that loss."""

from collections.abc import Sequence

from resemblance.comparison.runs import Run
from resemblance.comparison.settings_of import choice, differing, settings_of, shown
from resemblance.tracking.run_record import configuration_hash

_ALWAYS = ("loss.mining", "loss.miner", "loss.name")
"""Settings of a loss that change it more than most losses differ: they stand in every name that has them."""
_BUILT_IN = {
    "resemblance.losses.RobustTripletLoss": "semihard, then batch hard",
    "resemblance.losses.BatchHardTripletLoss": "batch hard",
}
"""Miners of losses that have no setting for it."""
_GROUPS = ("data", "backbone", "neck", "memory", "sampler", "augmentation", "optimizer", "scheduler")
_PLAIN = ("loss", "data", "batch")
"""Sections whose settings are called by their own name alone."""


def names_of(runs: Sequence[Run]) -> list[str]:
    """A name for each configuration, no two alike.

    Args:
        runs: one of each configuration.

    >>> from resemblance.comparison.runs import Run
    >>> def run(mining): return Run(None, {"loss": {"mining": mining}, "choices": {"loss": "triplet"}}, 0, {}, None)
    >>> names_of([run("semihard"), run("hard")])
    ['triplet (mining=semihard)', 'triplet (mining=hard)']
    """
    by_loss: dict[str, list[Run]] = {}
    for run in runs:
        by_loss.setdefault(_loss(run), []).append(run)
    names = [_name(run, by_loss[_loss(run)]) for run in runs]
    return [
        f"{name} [{configuration_hash(run.config, without=['seed', 'protocol'])}]" if names.count(name) > 1 else name
        for name, run in zip(names, runs, strict=True)
    ]


def _loss(run: Run) -> str:
    return choice(run, "loss") or str(run.config.get("group") or run.name)


def _name(run: Run, alike: Sequence[Run]) -> str:
    """Of a configuration among those with its loss."""
    mine = settings_of(run.config, ("seed", "protocol"))
    told: dict[str, str] = {}
    for key in _ALWAYS:
        if mine.get(key) not in (None, ""):
            told[key] = shown(mine[key])
    if (built_in := _BUILT_IN.get(str(mine.get("loss._target_")))) is not None:
        told["loss.mining"] = built_in
    options = [group for group in _GROUPS if len({choice(other, group) for other in alike}) > 1]
    told |= {group: choice(run, group) or "none" for group in options}
    keys = differing([settings_of(other.config, ("seed", "protocol")) for other in alike])
    for key in sorted(keys, key=lambda key: not key.startswith("loss.")):
        if key.partition(".")[0] not in options and key in mine:
            told.setdefault(key, shown(mine[key]).rpartition(".")[2] if key.endswith("_target_") else shown(mine[key]))
    if not told:
        return _loss(run)
    return f"{_loss(run)} ({', '.join(f'{_short(key)}={value}' for key, value in told.items())})"


def _short(key: str) -> str:
    """``loss.margin`` → ``margin``; ``optimizer.lr`` stays."""
    section, _, setting = key.removesuffix("._target_").partition(".")
    return setting if setting and section in _PLAIN else key.removesuffix("._target_")
