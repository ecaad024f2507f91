"""``compare.py logger=wandb``: a comparison as a W&B run of its own, beside the runs that it compares."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import wandb

from resemblance.comparison import digits, telling
from resemblance.comparison.csv_files import Rows, differences_table, leaderboard_table
from resemblance.comparison.findings import Findings, Verdict
from resemblance.comparison.study import Contestant, Study, TestSet
from resemblance.tracking.common_fars import COMMON_FARS, on_common_fars
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.run_names import cleaned
from resemblance.tracking.wandb_artifact import artifact_name
from resemblance.tracking.wandb_media import LONGEST_TABLE, ROC_COLUMNS, as_table
from resemblance.tracking.wandb_run import wandb_tracker

GROUP = JOB_TYPE = "compare"
ROC = "test/verification/roc"
TUNING = ("contestant", "trials", "epochs", "metric", "seconds", "best")


def log_comparison(study: Study, files: Sequence[Path], directory: Path, settings: Mapping[str, Any]) -> None:
    """Log a comparison as a run of job type ``compare``.

    It has the tables ``leaderboard``, ``differences`` and, for a tuned study, ``tuning``; the ROC of each contestant in
    one chart (``compare/roc`` or, of several test sets, ``compare/SET/roc``); the conclusions of all figures in its
    summary, and as numbers too; and the written files as an artifact of type ``comparison``. Whatever happens to W&B is
    told and stops nothing.

    Args:
        study: what was found.
        files: that were written of it.
        directory: of the files; W&B writes to ``wandb/`` in it.
        settings: ``conf/logger/wandb.yaml``.

    Raises:
        ConfigurationError: for a mode that does not exist, or when W&B does not know the user or the owner.
    """
    losses = dict.fromkeys(one.loss for test_set in study.test_sets for one in test_set.contestants)
    config = {
        "title": study.title,
        "command": study.command,
        "test_sets": [test_set.name for test_set in study.test_sets],
        "losses": list(losses),
        "runs": _runs(study),
        "delta": {findings.key: findings.delta for test_set in study.test_sets for findings in test_set.findings},
    }
    asked = {**settings, "tags": [*(settings.get("tags") or ()), *losses]}
    name = cleaned([JOB_TYPE, study.title or directory.name])
    with wandb_tracker(RunPaths(directory), config, asked, group=GROUP, name=name, job_type=JOB_TYPE) as run:
        if run is None:
            return
        run.summarise(_summary(study))
        run.log_items(dict(_items(study)))
        if files:
            run.log_artifact(files, lambda: (_artifact(study, files), []))


def _items(study: Study) -> Iterator[tuple[str, Callable[[], Any]]]:
    yield "leaderboard", lambda: as_table(*leaderboard_table(study))
    yield "differences", lambda: as_table(*kept_differences(study)[0])
    if study.tuning:
        rows = [
            [name, *(about.get(key) for key in TUNING[1:-1]), digits.settings(about["best"])]
            for name, about in study.tuning.items()
        ]
        yield "tuning", lambda: as_table(TUNING, rows)
    several = len(study.test_sets) > 1
    for test_set in study.test_sets:
        if rows := roc_rows(test_set):
            yield f"compare/{test_set.name}/roc" if several else "compare/roc", _chart(rows, test_set.name)


def kept_differences(study: Study) -> tuple[Rows, str]:
    """The table of all pairs, and a sentence where W&B does not keep them all: then the decided ones come first."""
    columns, rows = differences_table(study)
    if len(rows) <= LONGEST_TABLE:
        return (columns, rows), ""
    verdict = columns.index("verdict")
    first = sorted(rows, key=lambda row: row[verdict] == Verdict.UNDECIDED.value)
    left = len(rows) - LONGEST_TABLE
    told = (
        f"The table of differences has the first {LONGEST_TABLE:,} pairs, those that were decided before the others; "
    )
    return (columns, first[:LONGEST_TABLE]), f"{told}{left:,} more are in differences.csv."


def _chart(rows: Sequence[Sequence[Any]], test_set: str) -> Callable[[], Any]:
    def drawn() -> Any:
        table = as_table((*ROC_COLUMNS, "contestant"), rows)
        title = f"{test_set}: ROC, mean over seeds"
        return wandb.plot.line(table, "log10 FAR", "TAR", stroke="contestant", title=title)

    return drawn


def roc_rows(test_set: TestSet) -> list[list[Any]]:
    """FAR, log10 FAR, mean TAR over the seeds, and whose it is; only rates that all seeds of a contestant measure.

    Whose curve rests on fewer seeds than its figures says so in its name.

    W&B keeps 10,000 rows: with many contestants, every second or third rate is left out.
    """
    curves = {
        _named(one, found): found
        for one in test_set.contestants
        for found in [[dict(on_common_fars(run.curves[ROC])) for run in one.runs if ROC in run.curves]]
    }
    each = max(1, LONGEST_TABLE // max(1, len(curves)))
    step = math.ceil(len(COMMON_FARS) / each)
    rows = []
    for name, found in curves.items():
        shared = [far for far in COMMON_FARS[::-step][::-1] if found and all(far in curve for curve in found)]
        rows += [[far, math.log10(far), sum(curve[far] for curve in found) / len(found), name] for far in shared]
    return rows


def _named(contestant: Contestant, curves: Sequence[object]) -> str:
    runs = len(contestant.runs)
    return contestant.name if len(curves) == runs else f"{contestant.name} ({len(curves)} of {runs} seeds)"


def _summary(study: Study) -> dict[str, Any]:
    """What was found, as sentences to read and, for each figure, as numbers to sort runs by.

    The headline figure of the first test set has keys of its own (``leader``); the others begin with their own key, and
    with several test sets with that of the set.
    """
    left = kept_differences(study)[1]
    sets, notes = study.test_sets, [*study.refused.values(), *study.notes, *([left] if left else [])]
    warnings = [warning for test_set in sets for warning in test_set.warnings]
    told: dict[str, Any] = {
        "refused": len(study.refused),
        "contestants": len(sets[0].contestants) if sets else 0,
        "warnings": len(warnings),
        "warnings/told": "\n".join(warnings),
        "conclusions": "\n".join(_conclusions(study)),
        "notes": "\n".join(notes),
    }
    for place, test_set in enumerate(sets):
        for number, findings in enumerate(test_set.findings):
            of_set = f"{test_set.name}/" if len(sets) > 1 else ""
            before = "" if place == number == 0 else f"{of_set}{findings.key}/"
            told |= {f"{before}{key}": value for key, value in _of_findings(findings, test_set).items()}
    return told


def _conclusions(study: Study) -> Iterator[str]:
    for test_set in study.test_sets:
        for findings in test_set.findings:
            yield f"{findings.label} {telling.operating_point(findings, test_set)}:"
            yield from telling.conclusions(findings)
    yield from map(telling.ranking, study.ranks)


def _of_findings(findings: Findings, test_set: TestSet) -> dict[str, Any]:
    verdicts = [one.verdict for one in findings.differences]
    told: dict[str, Any] = {f"verdicts/{verdict.value}": verdicts.count(verdict) for verdict in Verdict}
    told |= {"figure": findings.key, "seeds": len(findings.seeds), "procedure": findings.procedure}
    told |= {"delta": findings.delta, "at": telling.operating_point(findings, test_set)}
    if findings.resolution is not None:
        told["resolution"] = findings.resolution
    for first in findings.standings[:1]:
        told |= {"leader": first.contestant, "leader/mean": first.mean}
        told["leader/told"] = telling.conclusions(findings)[0]
    return told


def _runs(study: Study) -> list[str]:
    return [str(run.path) for test_set in study.test_sets for one in test_set.contestants for run in one.runs]


def _artifact(study: Study, files: Sequence[Path]) -> Any:
    artifact = wandb.Artifact(artifact_name(f"{JOB_TYPE}-{study.title}"), type="comparison")
    for file in files:
        artifact.add_file(str(file.absolute()), name=file.name, policy="immutable", skip_cache=True)
    return artifact
