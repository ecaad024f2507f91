r"""``tables.tex``: leaderboards and differences as booktabs tables, to be read by ``\input``."""

from collections.abc import Iterator, Sequence

from resemblance.comparison import digits, telling
from resemblance.comparison.evidence.cost import cost_values, costs_of
from resemblance.comparison.findings import Bounds, Findings
from resemblance.comparison.lacking import lacking
from resemblance.comparison.study import Ranks, Study, TestSet
from resemblance.comparison.tuning import budget
from resemblance.wording import counted

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "±": r"$\pm$",
    "δ": r"$\delta$",
    "×": r"$\times$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "→": r"$\to$",
    "σ": r"$\sigma$",
    "√": r"$\surd$",
    "²": r"$^2$",
    "–": "--",
    "…": r"\dots{}",
    "\N{MINUS SIGN}": r"$-$",
    "\N{NO-BREAK SPACE}": "~",
}


def latex(study: Study) -> str:
    r"""Tables that need ``\usepackage{booktabs}``.

    Captions say test set, operating point and seeds; below each table stands what belongs to it: procedure, resolution,
    notes, and below the first one of a test set why its runs may not be comparable.
    """
    lines = ["% written by resemblance; needs \\usepackage{booktabs}"]
    if study.command:
        lines.append(_comment(study.command))
    lines += [_comment(f"not compared: {reason}") for reason in study.refused.values()]
    for test_set in study.test_sets:
        warned = _warnings(study, test_set)
        for findings in test_set.findings:
            lines += ["", *_leaderboard(findings, test_set, warned)]
            warned = _see_first(test_set) if warned else []
            if findings.differences:
                lines += ["", *_differences(findings, test_set, warned)]
        lines += _costs(test_set)
    lines += _tuning(study)
    for ranks in study.ranks:
        lines += ["", *_ranks(ranks)]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    r"""Text as LaTeX prints it.

    >>> escaped("tar_at_far 50 % & \\x")
    'tar\\_at\\_far 50 \\% \\& \\textbackslash{}x'
    """
    return "".join(_SPECIAL.get(sign, sign) for sign in text.replace("\n", " "))


def _leaderboard(findings: Findings, test_set: TestSet, warned: Sequence[str]) -> Iterator[str]:
    rows = [
        [
            escaped(one.contestant),
            _number(digits.figure(one.mean)),
            _interval(one.over_seeds),
            _interval(one.over_subjects),
        ]
        for one in findings.standings
    ]
    caption = f"{telling.heading(findings)}; {telling.operating_point(findings, test_set)}."
    head = ["", "mean", r"95\,\% over seeds", r"95\,\% over subjects"]
    label = _label(findings.key, test_set, "leaderboard")
    told = [escaped(sentence) for sentence in (*lacking(findings), *findings.notes)]
    yield from _table(caption, label, "lrrr", head, rows, [*told, *warned])


def _differences(findings: Findings, test_set: TestSet, warned: Sequence[str]) -> Iterator[str]:
    notes = list(dict.fromkeys(one.note for one in findings.differences if one.note))
    rows = [
        [
            f"{escaped(one.first)} $-$ {escaped(one.second)}",
            _number(digits.estimate(one)),
            _number(digits.difference_bounds(one)),
            _number(digits.p_value(one)),
            escaped(telling.verdict(findings, one)) + (f"$^{{{notes.index(one.note) + 1}}}$" if one.note else ""),
        ]
        for one in findings.differences
    ]
    caption = f"{findings.label} {telling.operating_point(findings, test_set)}: differences."
    head = ["", "difference", r"95\,\% simultaneous", "$p$", "verdict"]
    numbered = [f"$^{{{number}}}$ {escaped(note)}" for number, note in enumerate(notes, start=1)]
    told = [*numbered, *(escaped(sentence) for sentence in telling.small_print(findings)), *warned]
    yield from _table(caption, _label(findings.key, test_set, "differences"), "lrrrl", head, rows, told)


def _warnings(study: Study, test_set: TestSet) -> list[str]:
    """Below the first table of a test set."""
    told = [escaped(warning) for warning in test_set.warnings]
    told = ["Not everything is alike.", *told] if told else []
    if study.refused:
        number = counted(len(study.refused), "run directory", "run directories")
        told.append(f"{number} could not be compared.")
    return [*told, *map(escaped, study.notes)]


def _see_first(test_set: TestSet) -> list[str]:
    """Below the others."""
    label = _label(test_set.findings[0].key, test_set, "leaderboard")
    return [rf"What speaks against the comparison stands below Table \ref{{{label}}}."]


def _costs(test_set: TestSet) -> list[str]:
    columns = costs_of(test_set.contestants)
    if not columns:
        return []
    rows = [
        [escaped(one.name), *(_number(digits.amount(cost_values(one, column.key))) for column in columns)]
        for one in test_set.contestants
    ]
    head = ["", *(escaped(column.short) for column in columns)]
    caption = f"Cost of a training on {test_set.name}, mean over the seeds."
    label = f"tab:{_plain(test_set.name)}-cost"
    return ["", *_table(caption, label, "l" + "r" * len(columns), head, rows)]


def _tuning(study: Study) -> list[str]:
    if not study.tuning:
        return []
    rows = [
        [
            *(escaped(name), escaped(budget(spent))),
            _number(digits.amount([] if spent.get("seconds") is None else [spent["seconds"]])),
            *(escaped(str(spent["metric"])), escaped(digits.settings(spent["best"]))),
        ]
        for name, spent in study.tuning.items()
    ]
    head = ["", "budget", "seconds", "judged by", "best"]
    return ["", *_table("Tuning on validation identities.", "tab:tuning", "lrrll", head, rows)]


def _ranks(ranks: Ranks) -> Iterator[str]:
    rows = [[escaped(name), f"{rank:.2f}"] for name, rank in ranks.mean_ranks.items()]
    caption = f"{ranks.label}: mean ranks over {', '.join(ranks.data_sets)}."
    head = ["", "mean rank"]
    yield from _table(caption, f"tab:{_plain(ranks.key)}-ranks", "lr", head, rows, [escaped(telling.ranking(ranks))])


def _table(
    caption: str,
    label: str,
    columns: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    notes: Sequence[str] = (),
) -> Iterator[str]:
    """One table; its notes are LaTeX already, and stand below it as wide as the text."""
    yield r"\begin{table}"
    yield r"  \centering"
    yield rf"  \caption{{{escaped(caption)}}}"
    yield rf"  \label{{{label}}}"
    yield rf"  \begin{{tabular}}{{{columns}}}"
    yield r"    \toprule"
    yield rf"    {' & '.join(head)} \\"
    yield r"    \midrule"
    for row in rows:
        yield rf"    {' & '.join(row)} \\"
    yield r"    \bottomrule"
    yield r"  \end{tabular}"
    if notes:
        yield r"  \par\smallskip"
        yield r"  \begin{minipage}{\linewidth}"
        yield r"    \footnotesize\raggedright"
        yield from (rf"    {note}\par" for note in notes)
        yield r"  \end{minipage}"
    yield r"\end{table}"


def _comment(text: str) -> str:
    return f"% {' '.join(text.split())}"


def _interval(found: Bounds | None) -> str:
    return _number(digits.bounds(found))


def _number(text: str) -> str:
    """A cell of digits: a hyphen for nothing becomes a dash."""
    return "--" if text == digits.NOTHING else escaped(text)


def _label(key: str, test_set: TestSet, kind: str) -> str:
    return f"tab:{_plain(test_set.name)}-{_plain(key)}-{kind}"


def _plain(text: str) -> str:
    """Letters and digits with hyphens, which every package takes in a label."""
    return "-".join("".join(sign if sign.isascii() and sign.isalnum() else " " for sign in text).split())
