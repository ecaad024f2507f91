"""The runs on one test set become contestants, findings and warnings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from resemblance.comparison.as_one import label_of, reservations
from resemblance.comparison.comparable import differences
from resemblance.comparison.contestants import gathered
from resemblance.comparison.coverage import Replicates, covered
from resemblance.comparison.measuring import measured
from resemblance.comparison.missing import without_figure
from resemblance.comparison.runs import Run
from resemblance.comparison.statistics import compare_figure
from resemblance.comparison.study import TestSet


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
            label = label_of([run.scalars[key] for one in having for run in one.runs])
            of = covered(key, label, having, field.seeds, replicates)
            warnings += of.told
            figures = measured(key, of.contestants, of.seeds, of.replicates)
            found = compare_figure(replace(figures, label=label), delta)
            said = reservations([run.scalars[key] for one in of.contestants for run in one.runs])
            findings.append(replace(found, notes=(*found.notes, *said)))
    order = {standing.contestant: place for place, standing in enumerate(findings[0].standings)} if findings else {}
    contestants = sorted(field.contestants, key=lambda one: order.get(one.name, len(order)))
    return TestSet(name, tuple(contestants), tuple(findings), tuple(warnings))
