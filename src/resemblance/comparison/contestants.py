"""Who takes part: runs of one configuration and several seeds, each once, called by what tells them apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from resemblance.comparison.naming import names_of
from resemblance.comparison.runs import Run
from resemblance.comparison.settings_of import (
    GIVEN,
    MISSING,
    NOT_ITS_OWN,
    choice,
    configuration_of,
    differing,
    settings_of,
)
from resemblance.comparison.study import Contestant
from resemblance.comparison.telling import seeds_text
from resemblance.tracking.run_record import configuration_hash
from resemblance.wording import counted

GROUPS = ("loss", "data", "backbone", "neck", "memory", "sampler", "augmentation", "optimizer", "scheduler")
"""Groups of options that are listed beside the single settings."""


@dataclass(frozen=True)
class Field:
    """The contestants of one test set.

    Attributes:
        contestants: each with a run for every seed of :attr:`seeds`, by name.
        seeds: that all of them have.
        told: what was left out and why, in sentences.
    """

    contestants: tuple[Contestant, ...]
    seeds: tuple[int, ...]
    told: tuple[str, ...] = ()


def gathered(runs: Sequence[Run], names: Mapping[str, str] | None = None) -> Field:
    """The contestants among the runs on one test set.

    Runs with one configuration but for the seed are one contestant. Of two with the same seed as well, the first in the
    order of their paths counts: a rule that can't look at the figures. Only seeds that all contestants share are
    compared; a contestant that would leave the others fewer than two is set aside, as long as most remain.

    Args:
        runs: in the order of their paths.
        names: by configuration, where other test sets have a say in them; None looks at these runs alone.
    """
    names = names_of([runs]) if names is None else names
    told: list[str] = []
    by_configuration: dict[str, dict[int, Run]] = {}
    for run in runs:
        seeds = by_configuration.setdefault(configuration_of(run), {})
        if run.seed in seeds:
            told.append(_repeated(seeds[run.seed], run))
        else:
            seeds[run.seed] = run
    named = {names[configuration]: dict(sorted(seeds.items())) for configuration, seeds in by_configuration.items()}
    everyone = dict(sorted(named.items()))
    told += _same_names(runs)
    kept = _kept({name: set(group) for name, group in everyone.items()})
    common = sorted(set.intersection(*(set(everyone[name]) for name in kept)))
    told += [_aside(name, group) for name, group in everyone.items() if name not in kept]
    told += _unequal({name: set(everyone[name]) for name in kept}, common)
    firsts = [next(iter(everyone[name].values())) for name in kept]
    settings = _settings(firsts)
    contestants = tuple(
        Contestant(name, choice(first, "loss") or name, tuple(everyone[name][seed] for seed in common), mine)
        for name, first, mine in zip(kept, firsts, settings, strict=True)
    )
    return Field(contestants, tuple(common), tuple(told))


def _kept(seeds: Mapping[str, set[int]]) -> list[str]:
    """Who stays so that two seeds or more are shared, where more than half of the contestants can have that."""
    staying = list(seeds)

    def shared(names: Sequence[str]) -> int:
        return len(set.intersection(*(seeds[name] for name in names)))

    while len(staying) > 1 and shared(staying) < 2:
        # Out goes whoever leaves the others most; among equals, who has fewest seeds, then the last by name.
        without = {name: [other for other in staying if other != name] for name in staying}
        out = max(staying, key=lambda name: (shared(without[name]), -len(seeds[name]), name))
        staying = without[out]
    if len(staying) > 1 and 2 * len(staying) > len(seeds):
        return staying
    if shared(list(seeds)) > 0:
        return list(seeds)  # a single seed for all of them: there are no intervals over seeds then
    by_seed: dict[int, list[str]] = {}
    for name, of in seeds.items():
        for seed in of:
            by_seed.setdefault(seed, []).append(name)
    return max(sorted(by_seed.items()), key=lambda item: len(item[1]))[1]


def _settings(firsts: Sequence[Run]) -> list[dict[str, object]]:
    """The settings in which contestants differ, the options of groups first."""
    options = [{group: choice(run, group) or MISSING for group in GROUPS} for run in firsts]
    leaves = [settings_of(run.config, NOT_ITS_OWN) for run in firsts]
    both = [{**chosen, **leaf} for chosen, leaf in zip(options, leaves, strict=True)]
    keys = [key for key in differing(both) if not key.endswith("_target_")]
    return [{key: each.get(key, MISSING) for key in keys} for each in both]


def _repeated(first: Run, second: Run) -> str:
    # An evaluation has a few figures that its training has not, such as the share of failures to acquire.
    both = [key for key in first.scalars if key.startswith("test/") and key in second.scalars]
    same = both and all(first.scalars[key].value == second.scalars[key].value for key in both)
    what = "the same figures" if same else "other figures, so what differs is not in the configuration"
    return (
        f"'{second.path}' has the configuration and seed of '{first.path}' and {what}; the first by path counts and "
        f"the second is left out."
    )


def _same_names(runs: Sequence[Run]) -> list[str]:
    """A sentence for each name that runs of several configurations or seeds have."""
    by_name: dict[str, dict[str, Run]] = {}
    for run in runs:
        by_name.setdefault(run.name, {}).setdefault(configuration_hash(run.config, without=GIVEN), run)
    return [
        f"{counted(len(runs_of), 'run')} are called '{name}' ({', '.join(str(run.path) for run in runs_of.values())}); "
        f"they are told apart by their settings."
        for name, runs_of in by_name.items()
        if len(runs_of) > 1
    ]


def _aside(name: str, group: Mapping[int, Run]) -> str:
    seeds = seeds_text(sorted(group))
    return f"{name} is set aside: with its {seeds} alone, too few seeds would be shared to compare the others by."


def _unequal(seeds: Mapping[str, set[int]], common: Sequence[int]) -> list[str]:
    extra = {name: sorted(of - set(common)) for name, of in seeds.items() if of - set(common)}
    if not extra:
        return []
    told = "; ".join(f"{name}: {seeds_text(of)}" for name, of in extra.items())
    shared = seeds_text(common)
    return [f"Seeds are unequal: only what all contestants have is compared ({shared}), which leaves out {told}."]
