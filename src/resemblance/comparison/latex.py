r"""``tables.tex``: leaderboards and differences as booktabs tables, to be read by ``\input``."""

from collections.abc import Iterator, Sequence

from resemblance.comparison import digits, telling
from resemblance.comparison.evidence.cost import cost_values, costs_of
from resemblance.comparison.findings import Findings
from resemblance.comparison.lacking import lacking
from resemblance.comparison.latex_table import escaped, raised, table
from resemblance.comparison.shown import shown_pairs
from resemblance.comparison.study import Ranks, Study, TestSet
from resemblance.comparison.tuning import budget
from resemblance.wording import counted

_PERCENT = "95\N{NARROW NO-BREAK SPACE}%"


class _Labels:
    """A label for each table, of letters, digits and hyphens, which every package takes in one."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, ...], str] = {}

    def __call__(self, *what: str) -> str:
        """The same for the same things; names that differ in other signs alone are numbered."""
        if what not in self._of:
            label = plain = f"tab:{'-'.join(map(_plain, what))}"
            number = 1
            while label in self._of.values():
                number += 1
                label = f"{plain}-no{number}"
            self._of[what] = label
        return self._of[what]


def latex(study: Study) -> str:
    r"""Tables that need ``\usepackage{booktabs}``.

    Captions say test set, operating point and seeds; below each table stands what belongs to it: procedure, resolution,
    notes, and below the first one of a test set why its runs may not be comparable.
    """
    lines = ["% written by resemblance; needs \\usepackage{booktabs}"]
    if study.command:
        lines.append(_comment(study.command))
    lines += [_comment(f"not compared: {reason}") for reason in study.refused.values()]
    label = _Labels()
    for test_set in study.test_sets:
        warned = _warnings(study, test_set)
        for findings in test_set.findings:
            lines += ["", *_leaderboard(findings, test_set, label, warned)]
            warned = _see_first(test_set, label) if warned else []
            if findings.differences:
                lines += ["", *_differences(findings, test_set, label, warned)]
        lines += _costs(test_set, label)
    lines += _tuning(study, label)
    for ranks in study.ranks:
        lines += ["", *_ranks(ranks, label)]
    return "\n".join(lines) + "\n"


def _leaderboard(findings: Findings, test_set: TestSet, label: _Labels, warned: Sequence[str]) -> Iterator[str]:
    rows = [
        [
            *(one.contestant, digits.figure(one.mean)),
            *map(_number, (digits.bounds(one.over_seeds), digits.bounds(one.over_subjects))),
        ]
        for one in findings.standings
    ]
    caption = f"{telling.heading(findings)}; {telling.operating_point(findings, test_set)}."
    head = ["", "mean", f"{_PERCENT} over seeds", f"{_PERCENT} over subjects"]
    told = [escaped(sentence) for sentence in (*lacking(findings), *findings.notes)]
    named = label(test_set.name, findings.key, "leaderboard")
    yield from table(caption, named, "lrrr", head, rows, [*told, *warned])


def _differences(findings: Findings, test_set: TestSet, label: _Labels, warned: Sequence[str]) -> Iterator[str]:
    pairs = shown_pairs(findings)
    notes = list(dict.fromkeys(one.note for one in pairs if one.note))
    rows = [
        [
            f"{one.first} {digits.MINUS} {one.second}",
            *map(_number, (digits.estimate(one), digits.difference_bounds(one), digits.p_value(one))),
            telling.verdict(findings, one) + (raised(notes.index(one.note) + 1) if one.note else ""),
        ]
        for one in pairs
    ]
    caption = f"{findings.label} {telling.operating_point(findings, test_set)}: differences."
    head = ["", "difference", f"{_PERCENT} simultaneous", "\N{MATHEMATICAL ITALIC SMALL P}", "verdict"]
    numbered = [f"{raised(number)} {note}" for number, note in enumerate(notes, start=1)]
    told = [escaped(sentence) for sentence in (*numbered, *telling.small_print(findings))]
    named = label(test_set.name, findings.key, "differences")
    yield from table(caption, named, "lrrrl", head, rows, [*told, *warned])


def _warnings(study: Study, test_set: TestSet) -> list[str]:
    """Below the first table of a test set."""
    told = [escaped(warning) for warning in test_set.warnings]
    told = ["Not everything is alike.", *told] if told else []
    if study.refused:
        number = counted(len(study.refused), "run directory", "run directories")
        told.append(f"{number} could not be compared.")
    return [*told, *map(escaped, study.notes)]


def _see_first(test_set: TestSet, label: _Labels) -> list[str]:
    """Below the others."""
    first = label(test_set.name, test_set.findings[0].key, "leaderboard")
    return [rf"What speaks against the comparison stands below Table \ref{{{first}}}."]


def _costs(test_set: TestSet, label: _Labels) -> list[str]:
    columns = costs_of(test_set.contestants)
    if not columns:
        return []
    rows = [
        [one.name, *(_number(digits.amount(cost_values(one, column.key))) for column in columns)]
        for one in test_set.contestants
    ]
    head = ["", *(column.short for column in columns)]
    caption = f"Cost of a training on {test_set.name}, mean over the seeds."
    told = [escaped(telling.trained_on(test_set))]
    return ["", *table(caption, label(test_set.name, "cost"), "l" + "r" * len(columns), head, rows, told)]


def _tuning(study: Study, label: _Labels) -> list[str]:
    if not study.tuning:
        return []
    rows = [
        [
            *(name, budget(spent)),
            _number(digits.amount([] if spent.get("seconds") is None else [spent["seconds"]])),
            *(str(spent["metric"]), digits.settings(spent["best"])),
        ]
        for name, spent in study.tuning.items()
    ]
    head = ["", "budget", "seconds", "judged by", "best"]
    return ["", *table("Tuning on validation identities.", label("tuning"), "llrll", head, rows)]


def _ranks(ranks: Ranks, label: _Labels) -> Iterator[str]:
    rows = [[name, f"{rank:.2f}"] for name, rank in ranks.mean_ranks.items()]
    caption = f"{ranks.label}: mean ranks over {', '.join(ranks.data_sets)}."
    told = [escaped(telling.ranking(ranks))]
    yield from table(caption, label(ranks.key, "ranks"), "lr", ["", "mean rank"], rows, told)


def _comment(text: str) -> str:
    return f"% {' '.join(text.split())}"


def _number(text: str) -> str:
    """A cell of digits: a hyphen for nothing becomes a dash."""
    return "\N{EN DASH}" if text == digits.NOTHING else text


def _plain(text: str) -> str:
    return "-".join("".join(sign if sign.isascii() and sign.isalnum() else " " for sign in text).split())
