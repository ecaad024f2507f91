"""``leaderboard.csv`` and ``differences.csv``: everything that was found, for other tools."""

from pathlib import Path
from typing import Any

from resemblance.atomic import write_csv
from resemblance.comparison.evidence.cost import COSTS, cost_values
from resemblance.comparison.findings import Bounds
from resemblance.comparison.spreadsheet import rows_as_text
from resemblance.comparison.study import Study

Rows = tuple[tuple[str, ...], list[list[Any]]]
LEADERBOARD = (
    "test_set",
    "figure",
    "label",
    "higher_is_better",
    "place",
    "contestant",
    "loss",
    "seeds",
    "values",
    "mean",
    "over_seeds_low",
    "over_seeds_high",
    "over_subjects_low",
    "over_subjects_high",
)
DIFFERENCES = (
    "test_set",
    "figure",
    "label",
    "first",
    "second",
    "difference",
    "low",
    "high",
    "over_seeds_low",
    "over_seeds_high",
    "over_subjects_low",
    "over_subjects_high",
    "p",
    "delta",
    "verdict",
    "more_seeds",
    "note",
    "resolution",
    "procedure",
)


def write_leaderboard(path: Path, study: Study) -> None:
    """A row for each contestant and figure; an interval or cost that is not known is an empty cell.

    ``values`` are the figures of the seeds, in their order, with blanks between.

    Raises:
        OutputError: if it can't be written.
    """
    columns, rows = leaderboard_table(study)
    write_csv(path, columns, rows_as_text(rows))


def leaderboard_table(study: Study) -> Rows:
    """Columns and rows of that file; None where a cell is empty."""
    rows: list[list[Any]] = []
    for test_set in study.test_sets:
        by_name = {one.name: one for one in test_set.contestants}
        for findings in test_set.findings:
            for place, one in enumerate(findings.standings, start=1):
                contestant = by_name[one.contestant]
                costs = [_mean(cost_values(contestant, column.key)) for column in COSTS]
                rows.append(
                    [
                        *(test_set.name, findings.key, findings.label, str(findings.higher_is_better).lower(), place),
                        *(one.contestant, contestant.loss, " ".join(map(str, findings.seeds))),
                        *(" ".join(map(repr, one.values)), one.mean),
                        *(*_ends(one.over_seeds), *_ends(one.over_subjects), *costs),
                    ]
                )
    return (*LEADERBOARD, *(column.key for column in COSTS)), rows


def write_differences(path: Path, study: Study) -> None:
    """A row for each pair of contestants and figure.

    Raises:
        OutputError: if it can't be written.
    """
    columns, rows = differences_table(study)
    write_csv(path, columns, rows_as_text(rows))


def differences_table(study: Study) -> Rows:
    """Columns and rows of that file; None where a cell is empty."""
    return DIFFERENCES, [
        [
            *(test_set.name, findings.key, findings.label, one.first, one.second, one.estimate, one.low, one.high),
            *(*_ends(one.over_seeds), *_ends(one.over_subjects)),
            *(one.p, findings.delta, one.verdict.value, one.more_seeds, one.note),
            *(findings.resolution, findings.procedure),
        ]
        for test_set in study.test_sets
        for findings in test_set.findings
        for one in findings.differences
    ]


def _ends(found: Bounds | None) -> tuple[float | None, float | None]:
    return (None, None) if found is None else (found.low, found.high)


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
