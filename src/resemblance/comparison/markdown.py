"""``comparison.md``: a comparison as a page of text, for a repository or a pull request."""

import re
from collections.abc import Iterator, Sequence

from resemblance.comparison import telling
from resemblance.comparison.evidence.cost import cost_values, costs_of
from resemblance.comparison.findings import Findings
from resemblance.comparison.study import Study, TestSet
from resemblance.comparison.tuning import budget


def markdown(study: Study) -> str:
    """The page: conclusions first, then what they rest on."""
    return "\n".join([f"# {_escaped(study.title)}", *_conclusions(study), *_body(study)]) + "\n"


def _conclusions(study: Study) -> Iterator[str]:
    yield from ("", "## Conclusions", "")
    for test_set in study.test_sets:
        for findings in test_set.findings:
            where = f" ({_escaped(test_set.name)})" if len(study.test_sets) > 1 else ""
            for sentence in telling.conclusions(findings):
                yield f"- {_escaped(sentence)}{where}"
    for ranks in study.ranks:
        yield f"- {_escaped(telling.ranking(ranks))}"


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
        [one.contestant, telling.figure(one.mean), telling.bounds(one.over_seeds), telling.bounds(one.over_subjects)]
        for one in findings.standings
    ]
    yield from _table(["contestant", "mean", "95 % over seeds", "95 % over subjects"], rows)
    if findings.differences:
        yield ""
        rows = [
            [
                *(f"{one.first} {telling.MINUS} {one.second}", telling.signed(one.estimate)),
                *(telling.difference_bounds(one), telling.p_value(one), telling.verdict(one), one.note or ""),
            ]
            for one in findings.differences
        ]
        head = ["pair", "difference", "95 % simultaneous", "p", "verdict", "note"]
        if not any(row[-1] for row in rows):
            head, rows = head[:-1], [row[:-1] for row in rows]
        yield from _table(head, rows)
    told = [sentence for sentence in (findings.procedure, findings.resolution_note, *findings.notes) if sentence]
    if told:
        yield ""
        yield from (f"- {_escaped(sentence)}" for sentence in told)


def _costs(test_set: TestSet) -> Iterator[str]:
    columns = costs_of(test_set.contestants)
    if columns:
        yield from ("", "### Cost of a training, mean over the seeds", "")
        rows = [
            [one.name, *(telling.amount(column.key, cost_values(one, column.key)) for column in columns)]
            for one in test_set.contestants
        ]
        yield from _table(["contestant", *(column.label for column in columns)], rows)


def _tuning(study: Study) -> Iterator[str]:
    if not study.tuning:
        return
    yield from ("", "## Tuning on validation identities", "")
    rows = []
    for name, spent in study.tuning.items():
        seconds = telling.NOTHING if spent.get("seconds") is None else f"{spent['seconds']:,.0f}"
        best = ", ".join(f"{key}={value}" for key, value in spent["best"].items()) or "as in the YAML files"
        rows.append([name, budget(spent), seconds, str(spent["metric"]), best])
    yield from _table(["contestant", "budget", "seconds", "judged by", "best"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Text on the left, numbers on the right."""
    yield f"| {' | '.join(map(_cell, head))} |"
    yield f"|{'|'.join('---' if column == 0 else '---:' for column in range(len(head)))}|"
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|")


def _escaped(text: str) -> str:
    """Names of settings hold underscores, names of folders anything."""
    return re.sub(r"([\\`*_<>\[\]#])", r"\\\1", text.replace("\n", " "))
