"""What is said over several data sets: mean ranks, and whether a contestant is the same on all of them."""

from collections.abc import Mapping, Sequence

from resemblance.comparison.ranks import FEWEST_DATA_SETS, rank
from resemblance.comparison.settings_of import MISSING, differing, settings_of, shown
from resemblance.comparison.study import Contestant, Ranks, TestSet
from resemblance.comparison.test_sets import pictures

_OF_THE_CONTESTANT = {
    "loss", "backbone", "neck", "embedding_size", "memory", "sampler", "optimizer", "scheduler",
}  # fmt: skip
"""Sections that no data set chooses for itself."""
_OF_THE_MEASURING = {"evaluation.checkpoint", "evaluation.similarity"}
"""What an evaluation measured of it."""
_OF_THE_BATCH = {"sampler.identities_per_batch", "sampler.images_per_identity"}
"""Settings of the sampler that are those of ``batch``, which data sets do choose."""


def ranks_over(test_sets: Sequence[TestSet]) -> tuple[tuple[Ranks, ...], list[str]]:
    """Ranks over data sets, one for each figure that enough of them have; a sentence where there can be none.

    Ranks on the same images by several protocols depend on each other, and would count as evidence several times.
    """
    if len(test_sets) < 2:
        return (), []
    if same := _same_images(test_sets):
        return (), [
            f"No ranks over data sets: {' and '.join(same)} are tests on the same images, which are one data set; "
            f"compare the runs of one protocol alone."
        ]
    if len(test_sets) < FEWEST_DATA_SETS:
        return (), [
            f"No ranks over data sets: there are {len(test_sets)}, and below {FEWEST_DATA_SETS} the critical "
            f"difference is about as wide as the ranking."
        ]
    found, told = [], []
    for key in dict.fromkeys(findings.key for of in test_sets for findings in of.findings):
        having = {of.name: one for of in test_sets for one in of.findings if one.key == key}
        means = {name: {each.contestant: each.mean for each in one.standings} for name, one in having.items()}
        label, higher_is_better = next((one.label, one.higher_is_better) for one in having.values())
        if len({frozenset(of) for of in means.values()}) > 1 or len(next(iter(means.values()))) < 2:
            told.append(f"No ranks over data sets in {label}: not all of them have the same two contestants or more.")
        elif (ranks := rank(key, label, means, higher_is_better)) is not None:
            found.append(ranks)
        else:
            told.append(f"No ranks over data sets in {label}: only {len(means)} of {len(test_sets)} have that figure.")
    return tuple(found), told


def unlike_itself(test_sets: Sequence[TestSet]) -> list[str]:
    """A sentence for each contestant whose own settings are not the same on all data sets, such as tuned ones.

    What a data set chooses for itself (augmentation, epochs, batch, protocol) may differ.
    """
    by_name: dict[str, dict[str, Contestant]] = {}
    for of in test_sets:
        for one in of.contestants:
            by_name.setdefault(one.name, {})[of.name] = one
    told = []
    for name, on in by_name.items():
        settings = {where: _own_settings(one) for where, one in on.items()}
        keys = differing(list(settings.values()))
        if keys:
            said = "; ".join(f"{key} {_values(key, settings)}" for key in keys)
            told.append(f"{name} is not the same on all data sets: {said}.")
    return told


def _own_settings(one: Contestant) -> dict[str, object]:
    found = settings_of(one.runs[0].config)
    return {
        key: value
        for key, value in found.items()
        if (key.partition(".")[0] in _OF_THE_CONTESTANT and key not in _OF_THE_BATCH) or key in _OF_THE_MEASURING
    }


def _values(key: str, settings: Mapping[str, Mapping[str, object]]) -> str:
    """``0.2 (a, b), 0.3 (c)``."""
    by_value: dict[str, list[str]] = {}
    for where, of in settings.items():
        by_value.setdefault(shown(of.get(key, MISSING)), []).append(where)
    return ", ".join(f"{value} ({', '.join(where)})" for value, where in by_value.items())


def _same_images(test_sets: Sequence[TestSet]) -> list[str]:
    """The first test sets that are the same pictures; none where all differ."""
    by_pictures: dict[object, list[str]] = {}
    for of in test_sets:
        by_pictures.setdefault(pictures(of.contestants[0].runs[0]), []).append(of.name)
    return next((names for names in by_pictures.values() if len(names) > 1), [])
