"""The runs on one test set become contestants, findings and warnings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from resemblance.comparison.comparable import differences
from resemblance.comparison.contestants import gathered
from resemblance.comparison.coverage import Replicates, covered
from resemblance.comparison.measuring import measured
from resemblance.comparison.missing import without_figure
from resemblance.comparison.runs import Run
from resemblance.comparison.statistics import compare_figure
from resemblance.comparison.study import Contestant, TestSet
from resemblance.results import Scalar
from resemblance.wording import counted


def compared(
    name: str,
    runs: Sequence[Run],
    deltas: Mapping[str, float],
    replicates: Replicates,
    names: Mapping[str, str],
    tuning: Mapping[str, Mapping[str, Any]],
) -> TestSet:
    """The comparison on one test set.

    Args:
        name: of the test set.
        runs: on it, in the order of their paths.
        deltas: of the figures.
        replicates: of the runs.
        names: of their configurations, from :func:`~resemblance.comparison.naming.names_of`.
        tuning: what was spent on finding settings.
    """
    field = gathered(runs, names)
    warnings = [*field.told, *differences(field.contestants, tuning)]
    findings = []
    for key, delta in deltas.items():
        having = [one for one in field.contestants if all(key in run.scalars for run in one.runs)]
        warnings += without_figure(key, field.contestants, having)
        if having:
            label = having[0].runs[0].scalars[key].label
            of = covered(key, label, having, field.seeds, replicates)
            warnings += of.told
            found = compare_figure(measured(key, of.contestants, of.seeds, of.replicates), delta)
            findings.append(replace(found, notes=(*found.notes, *_reservations(key, of.contestants))))
    order = {standing.contestant: place for place, standing in enumerate(findings[0].standings)} if findings else {}
    contestants = sorted(field.contestants, key=lambda one: order.get(one.name, len(order)))
    return TestSet(name, tuple(contestants), tuple(findings), tuple(warnings))


def _reservations(key: str, contestants: Sequence[Contestant]) -> list[str]:
    """What the runs themselves say of a figure, such as that it is thinly supported, each once."""
    by_note: dict[str, list[Scalar]] = {}
    for one in contestants:
        for run in one.runs:
            scalar = run.scalars[key]
            for note in (scalar.note or "").split("; "):
                if note:
                    by_note.setdefault(note, []).append(scalar)
    runs = sum(len(one.runs) for one in contestants)
    return [f"{note} ({len(of)} of {counted(runs, 'run')})" for note, of in by_note.items()]
