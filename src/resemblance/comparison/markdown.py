"""``comparison.md``: a comparison as a page of text, for a repository or a pull request."""

import re
from collections.abc import Iterator, Sequence

from resemblance.comparison import digits, telling
from resemblance.comparison.evidence.cost import cost_values, costs_of
from resemblance.comparison.findings import Findings
from resemblance.comparison.shown import shown_pairs
from resemblance.comparison.study import Study, TestSet
from resemblance.comparison.tuning import budget


def markdown(study: Study) -> str:
    """The page: conclusions first, then what they rest on."""
    return "\n".join([f"# {_escaped(study.title)}", *_conclusions(study), *_body(study)]) + "\n"


def _conclusions(study: Study) -> Iterator[str]:
    yield from ("", "## Conclusions")
    for test_set in study.test_sets:
        for findings in test_set.findings:
            point = telling.operating_point(findings, test_set)
            yield from ("", f"**{_escaped(findings.label)}** {_escaped(point)}:", "")
            yield from (f"- {_escaped(sentence)}" for sentence in telling.conclusions(findings))
    if study.ranks:
        yield ""
        yield from (f"- {_escaped(telling.ranking(ranks))}" for ranks in study.ranks)


def _body(study: Study) -> Iterator[str]:
    for test_set in study.test_sets:
        yield from ("", f"## {_escaped(telling.who(test_set))}")
        if test_set.warnings:
            yield from ("", "**Not everything is alike:**", "")
            yield from (f"- {_escaped(warning)}" for warning in test_set.warnings)
        for findings in test_set.findings:
            yield from _figure(findings, test_set)
        yield from _costs(test_set)
    yield from _tuning(study)
    if study.refused:
        yield from ("", "## Not compared", "")
        yield from (f"- {_escaped(reason)}" for reason in study.refused.values())
    if study.notes:
        yield from ("", "## Notes", "")
        yield from (f"- {_escaped(note)}" for note in study.notes)
    if study.command:
        yield from ("", "## Again", "", "```console", study.command, "```")


def _figure(findings: Findings, test_set: TestSet) -> Iterator[str]:
    yield from ("", f"### {_escaped(telling.heading(findings))}", "")
    point = telling.operating_point(findings, test_set)
    yield f"{_escaped(point[:1].upper() + point[1:])}."
    yield ""
    rows = [
        [one.contestant, digits.figure(one.mean), digits.bounds(one.over_seeds), digits.bounds(one.over_subjects)]
        for one in findings.standings
    ]
    yield from _table(["contestant", "mean", "95 % over seeds", "95 % over subjects"], rows, "lrrr")
    if findings.differences:
        yield ""
        rows = [
            [
                *(f"{one.first} {digits.MINUS} {one.second}", digits.estimate(one), digits.difference_bounds(one)),
                *(digits.p_value(one), telling.verdict(findings, one), one.note or ""),
            ]
            for one in shown_pairs(findings)
        ]
        head = ["pair", "difference", "95 % simultaneous", "p", "verdict", "note"]
        if not any(row[-1] for row in rows):
            head, rows = head[:-1], [row[:-1] for row in rows]
        yield from _table(head, rows, "lrrrll")
    if told := telling.small_print(findings):
        yield ""
        yield from (f"- {_escaped(sentence)}" for sentence in told)


def _costs(test_set: TestSet) -> Iterator[str]:
    columns = costs_of(test_set.contestants)
    if columns:
        yield from ("", "### Cost of a training, mean over the seeds", "")
        rows = [
            [one.name, *(digits.amount(cost_values(one, column.key)) for column in columns)]
            for one in test_set.contestants
        ]
        yield from _table(["contestant", *(column.label for column in columns)], rows, "l" + "r" * len(columns))
        yield from ("", f"- {_escaped(telling.trained_on(test_set))}")


def _tuning(study: Study) -> Iterator[str]:
    if not study.tuning:
        return
    yield from ("", "## Tuning on validation identities", "")
    rows = []
    for name, spent in study.tuning.items():
        seconds = digits.amount([] if spent.get("seconds") is None else [spent["seconds"]])
        rows.append([name, budget(spent), seconds, str(spent["metric"]), digits.settings(spent["best"])])
    yield from _table(["contestant", "budget", "seconds", "judged by", "best"], rows, "llrll")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], sides: str) -> Iterator[str]:
    """A table whose columns stand on the left (``l``), as text does, or on the right (``r``), as numbers do."""
    yield f"| {' | '.join(map(_cell, head))} |"
    yield f"|{'|'.join({'l': '---', 'r': '---:'}[side] for side in sides[: len(head)])}|"
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|")


def _escaped(text: str) -> str:
    """Names of settings hold underscores, names of folders anything: entities, formulas and strokes too."""
    return re.sub(r"([\\`*_<>\[\]#&$~])", r"\\\1", text.replace("\n", " "))
