"""What contestants are called: the loss, and in parentheses what tells it from others with that loss."""

from collections import Counter
from collections.abc import Mapping, Sequence

from resemblance.comparison.runs import Run
from resemblance.comparison.settings_of import NOT_ITS_OWN, choice, configuration_of, differing, settings_of, shown
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
_OF_A_DATA_SET = (*NOT_ITS_OWN, "data", "trained_on", "augmentation", "epochs", "batch", "evaluation")
"""Settings that a data set chooses for itself, so that one contestant has others on each."""


def names_of(sets: Sequence[Sequence[Run]]) -> dict[str, str]:
    """Names by configuration, no two alike on one test set, and the same for one contestant on all of them.

    What stands in parentheses is what differs among the configurations with that loss on any one test set. What differs
    between test sets only, such as the data and the epochs that suit them, makes no other contestant.

    Args:
        sets: the runs on each test set.

    Returns:
        By :func:`~resemblance.comparison.settings_of.configuration_of`.

    >>> from resemblance.comparison.runs import Run
    >>> def run(mining): return Run(None, {"loss": {"mining": mining}, "choices": {"loss": "triplet"}}, 0, {}, None)
    >>> list(names_of([[run("semihard"), run("hard")]]).values())
    ['triplet (mining=semihard)', 'triplet (mining=hard)']
    """
    firsts: list[dict[str, Run]] = []
    for runs in sets:
        firsts.append({})
        for run in runs:
            firsts[-1].setdefault(configuration_of(run), run)
    losses = dict.fromkeys(_loss(run) for of in firsts for run in of.values())
    told = {loss: _what_differs(loss, firsts) for loss in losses}
    plain = {key: _name(run, *told[_loss(run)]) for of in firsts for key, run in of.items()}
    names = dict(plain)
    # Options that are called alike can be different ones, such as a file that was edited between two runs.
    for without in (_OF_A_DATA_SET, NOT_ITS_OWN):
        unclear = _unclear(names, firsts)
        for key, run in ((key, run) for of in firsts for key, run in of.items()):
            if names[key] in unclear:
                names[key] = f"{plain[key]} [{configuration_hash(run.config, without=without)}]"
    return names


def _unclear(names: Mapping[str, str], firsts: Sequence[Mapping[str, Run]]) -> set[str]:
    """Names that several configurations of one test set have."""
    return {name for of in firsts for name, number in Counter(names[key] for key in of).items() if number > 1}


def _loss(run: Run) -> str:
    return choice(run, "loss") or str(run.config.get("group") or run.name)


def _what_differs(loss: str, firsts: Sequence[Mapping[str, Run]]) -> tuple[list[str], list[str]]:
    """Groups whose options, and settings whose values are not the same among those with one loss on a test set."""
    options: dict[str, None] = {}
    keys: dict[str, None] = {}
    for of in firsts:
        alike = [run for run in of.values() if _loss(run) == loss]
        options |= dict.fromkeys(group for group in _GROUPS if len({choice(run, group) for run in alike}) > 1)
        keys |= dict.fromkeys(differing([settings_of(run.config, NOT_ITS_OWN) for run in alike]))
    in_order = [group for group in _GROUPS if group in options]
    return in_order, sorted(keys, key=lambda key: not key.startswith("loss."))


def _name(run: Run, options: Sequence[str], keys: Sequence[str]) -> str:
    """Of a configuration, by what tells it from others with its loss."""
    mine = settings_of(run.config, NOT_ITS_OWN)
    told: dict[str, str] = {}
    for key in _ALWAYS:
        if mine.get(key) not in (None, ""):
            told[key] = shown(mine[key])
    if (built_in := _BUILT_IN.get(str(mine.get("loss._target_")))) is not None:
        told["loss.mining"] = built_in
    told |= {group: choice(run, group) or "none" for group in options}
    for key in keys:
        if key.partition(".")[0] not in options and key in mine:
            told.setdefault(key, shown(mine[key]).rpartition(".")[2] if key.endswith("_target_") else shown(mine[key]))
    if (mining := told.get("loss.mining")) and _says(_loss(run), mining) and "loss.mining" not in keys:
        del told["loss.mining"]
    if not told:
        return _loss(run)
    return f"{_loss(run)} ({', '.join(f'{_short(key)}={value}' for key, value in told.items())})"


def _says(option: str, mining: str) -> bool:
    """Whether the option's own name is that of its miner: ``triplet_hard`` and ``hard``, not ``semihard``.

    >>> _says("triplet_hard", "hard"), _says("batch_hard", "batch hard"), _says("deep_speaker", "semihard")
    (True, True, False)
    """
    return f"_{mining.replace(' ', '_')}_" in f"_{option}_"


def _short(key: str) -> str:
    """``loss.margin`` → ``margin``; ``optimizer.lr`` stays."""
    section, _, setting = key.removesuffix("._target_").partition(".")
    return setting if setting and section in _PLAIN else key.removesuffix("._target_")
