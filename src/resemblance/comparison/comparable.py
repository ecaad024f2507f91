"""Why the contestants of a test set may not be comparable: each sentence says what differs, and between whom."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from resemblance.comparison.runs import Run
from resemblance.comparison.settings_of import MISSING, choice, differing, settings_of, shown
from resemblance.comparison.study import Contestant
from resemblance.comparison.tuning import budget, of_contestant
from resemblance.wording import counted

_SECTIONS = {
    "data": "data",
    "trained_on": "training data",
    "backbone": "backbone",
    "neck": "neck",
    "embedding_size": "embedding size",
    "memory": "memory across batches",
    "sampler": "sampler",
    "batch": "batch",
    "epochs": "epochs",
    "augmentation": "augmentation",
    "optimizer": "optimizer",
    "scheduler": "learning rate schedule",
    "selection": "selection of the checkpoint",
    "evaluation": "evaluation",
    "trainer": "trainer",
}
"""What all contestants should have alike, as it is called in a warning."""
_SAYS_NOTHING = {"evaluation.batch_size", "trainer.accelerator"}
_SAME_BUDGET = 0.01
"""Share by which numbers of images seen may differ and still count as one budget: the last batch of an epoch."""
_MOST_NAMED = 3

Tuning = Mapping[str, Mapping[str, Any]]


def differences(contestants: Sequence[Contestant], tuning: Tuning | None = None) -> list[str]:
    """Warnings, the settings first, then budget, code, software, machine, and what is wrong with single runs.

    Args:
        contestants: of one test set.
        tuning: what was spent on finding settings, by loss; a setting that all contestants have searched for, with
            equal budgets, may differ.
    """
    tuning = tuning or {}
    told = [sentence for section in _SECTIONS if (sentence := _of_section(section, contestants, tuning))]
    told += _images_seen(contestants)
    told += _tuned(contestants, tuning)
    told += _of_records(contestants)
    return [*told, *_of_single_runs(contestants)]


def _of_section(section: str, contestants: Sequence[Contestant], tuning: Tuning) -> str | None:
    found = {one.name: _section(one.runs[0], section) for one in contestants}
    keys = [
        key
        for key in differing(list(found.values()))
        if key not in _SAYS_NOTHING and not _searched_by_all(key, contestants, tuning)
    ]
    if not keys:
        return None
    said = {name: _told(of, keys) for name, of in found.items()}
    options = {one.name: choice(one.runs[0], section) or MISSING for one in contestants}
    both = set(zip(options.values(), said.values(), strict=True))
    if len(set(options.values())) == len(both) == len(set(said.values())):
        said = options  # each option means one of the values
    return f"{_SECTIONS[section]} differs: {_grouped(said)}."


def _searched_by_all(key: str, contestants: Sequence[Contestant], tuning: Tuning) -> bool:
    """Whether every contestant has the best value that it found for a setting, all with the same budget."""
    spent = [of_contestant(tuning, one) for one in contestants]
    known = [found for found in spent if found is not None]
    if len(known) < len(spent) or len({budget(found) for found in known}) > 1:
        return False
    # An older tuning.json does not list what was tried; a contestant may then have kept the value it began with.
    tried = [found["searched"] for found in known if "searched" in found]
    best = {setting for found in known for setting in found["best"]}
    return key in best and all(key in searched for searched in tried)


def _section(run: Run, section: str) -> dict[str, object]:
    return {
        key: value
        for key, value in settings_of(run.config, ("seed", "protocol")).items()
        if key == section or key.startswith(f"{section}.")
    }


def _told(settings: Mapping[str, object], keys: Sequence[str]) -> str:
    """``lr=0.004, weight_decay=0.05``: without the section that the sentence names."""
    parts = []
    for key in keys:
        name = key.partition(".")[2]
        value = shown(settings.get(key, MISSING))
        if name == "_target_":
            name, value = "", value.rpartition(".")[2]
        parts.append(f"{name}={value}" if name else value)
    return ", ".join(parts)


def _images_seen(contestants: Sequence[Contestant]) -> list[str]:
    seen = {}
    for one in contestants:
        values = [run.scalars["train/images"].value for run in one.runs if "train/images" in run.scalars]
        if values:
            seen[one.name] = sum(values) / len(values)
    if not seen or max(seen.values()) <= min(seen.values()) * (1 + _SAME_BUDGET):
        return []
    return [f"training images seen differ: {_grouped({name: f'{value:,.0f}' for name, value in seen.items()})}."]


def _tuned(contestants: Sequence[Contestant], tuning: Tuning) -> list[str]:
    if not tuning:
        return []
    budgets = {}
    for one in contestants:
        found = of_contestant(tuning, one)
        budgets[one.name] = "not tuned" if found is None else budget(found)
    if len(set(budgets.values())) < 2:
        return []
    return [f"tuning budget differs: {_grouped(budgets)}."]


def _of_records(contestants: Sequence[Contestant]) -> list[str]:
    """Code, software and machine, which may differ within a contestant too."""
    asked: dict[str, Callable[[Run], str]] = {
        "code version": lambda run: run.record.code or f"version {run.record.version} outside a checkout",
        "package version": lambda run: run.record.version,
        "software": lambda run: ", ".join(f"{name} {of}" for name, of in sorted(run.record.software.items())),
        "device": lambda run: run.record.device or "not known",
        "threads of a process": lambda run: str(run.record.threads),
        "what networks were allowed to know by the rules of the pairs": _category,
    }
    told = []
    for what, of in asked.items():
        values = {one.name: sorted({of(run) for run in one.runs}) for one in contestants}
        if len({value for found in values.values() for value in found}) > 1:
            cost = "; speed and time can't be compared" if what in ("device", "threads of a process") else ""
            said = {name: " and ".join(found) for name, found in values.items()}
            told.append(f"{what} {'differ' if what.startswith('threads') else 'differs'}: {_grouped(said)}{cost}.")
    codes = {run.record.code for one in contestants for run in one.runs}
    changed = sorted(code for code in codes if code is not None and code.endswith("+changes"))
    if changed:
        told.append(f"code with uncommitted changes ran ({', '.join(changed)}): it can't be had again.")
    return told


def _category(run: Run) -> str:
    """As the protocols have it, of which it changes no more than the label."""
    parts = (run.config.get("protocol") or {}).values()
    found = {str(part["category"]) for part in parts if isinstance(part, Mapping) and part.get("category")}
    return ", ".join(sorted(found)) or "not said"


def _of_single_runs(contestants: Sequence[Contestant]) -> list[str]:
    told = []
    runs = [run for one in contestants for run in one.runs]
    if rehearsals := sum(bool(run.config.get("rehearsal")) for run in runs):
        told.append(
            f"{rehearsals} of {counted(len(runs), 'run')} {'is a rehearsal' if rehearsals == 1 else 'are rehearsals'} "
            f"(trainer=smoke): such figures mean nothing."
        )
    for one in contestants:
        seeds = [run.seed for run in one.runs if (found := run.scalars.get("train/collapsed")) and found.value > 0]
        if seeds:
            listed = ", ".join(map(str, seeds))
            told.append(
                f"{one.name} collapsed with seed{'s' if len(seeds) > 1 else ''} {listed}: all embeddings point one "
                f"way, which says nothing of the loss at its best."
            )
    return told


def _grouped(said: Mapping[str, str]) -> str:
    """``tiny (cosface, triplet), resnet18 (angular)``; the contestants of the most common value are "the others"."""
    by_value: dict[str, list[str]] = {}
    for name, value in said.items():
        by_value.setdefault(value, []).append(name)
    parts = []
    most = max(by_value.values(), key=len)
    for value, names in by_value.items():
        rest = names is most and len(names) > _MOST_NAMED
        parts.append(f"{value} ({'the others' if rest and len(by_value) > 1 else _listed(names)})")
    return "; ".join(parts)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
