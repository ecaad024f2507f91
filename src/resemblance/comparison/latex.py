r"""``tables.tex``: leaderboards and differences as booktabs tables, to be read by ``\input``."""

from collections.abc import Iterator, Sequence

from resemblance.comparison import telling
from resemblance.comparison.evidence.cost import cost_values, costs_of
from resemblance.comparison.findings import Bounds, Findings
from resemblance.comparison.study import Study, TestSet

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
    r"""Tables that need ``\usepackage{booktabs}``; captions say test set, operating point, seeds and procedure."""
    lines = ["% written by resemblance; needs \\usepackage{booktabs}"]
    if study.command:
        lines.append(f"% {' '.join(study.command.split())}")
    for test_set in study.test_sets:
        for findings in test_set.findings:
            lines += ["", *_leaderboard(findings, test_set)]
            if findings.differences:
                lines += ["", *_differences(findings, test_set)]
        lines += _costs(test_set)
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    r"""Text as LaTeX prints it.

    >>> escaped("tar_at_far 50 % & \\x")
    'tar\\_at\\_far 50 \\% \\& \\textbackslash{}x'
    """
    return "".join(_SPECIAL.get(sign, sign) for sign in text.replace("\n", " "))


def _leaderboard(findings: Findings, test_set: TestSet) -> Iterator[str]:
    rows = [
        [
            escaped(one.contestant),
            _number(telling.figure(one.mean)),
            _interval(one.over_seeds),
            _interval(one.over_subjects),
        ]
        for one in findings.standings
    ]
    caption = f"{telling.heading(findings)}; {telling.operating_point(findings, test_set)}."
    head = ["", "mean", r"95\,\% over seeds", r"95\,\% over subjects"]
    yield from _table(caption, _label(findings, test_set, "leaderboard"), "lrrr", head, rows)


def _differences(findings: Findings, test_set: TestSet) -> Iterator[str]:
    rows = [
        [
            f"{escaped(one.first)} $-$ {escaped(one.second)}",
            _number(telling.signed(one.estimate)),
            _number(telling.difference_bounds(one)),
            _number(telling.p_value(one)),
            escaped(telling.verdict(one)),
        ]
        for one in findings.differences
    ]
    caption = f"{findings.label} {telling.operating_point(findings, test_set)}: differences. {findings.procedure}"
    head = ["", "difference", r"95\,\% simultaneous", "$p$", "verdict"]
    yield from _table(caption, _label(findings, test_set, "differences"), "lrrrl", head, rows)


def _costs(test_set: TestSet) -> list[str]:
    columns = costs_of(test_set.contestants)
    if not columns:
        return []
    rows = [
        [escaped(one.name), *(_number(telling.amount(column.key, cost_values(one, column.key))) for column in columns)]
        for one in test_set.contestants
    ]
    head = ["", *(escaped(column.short) for column in columns)]
    caption = f"Cost of a training on {test_set.name}, mean over the seeds."
    label = f"tab:{_plain(test_set.name)}-cost"
    return ["", *_table(caption, label, "l" + "r" * len(columns), head, rows)]


def _table(caption: str, label: str, columns: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
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
    yield r"\end{table}"


def _interval(found: Bounds | None) -> str:
    return _number(telling.bounds(found))


def _number(text: str) -> str:
    """A cell of digits: a hyphen for nothing becomes a dash."""
    return "--" if text == telling.NOTHING else escaped(text)


def _label(findings: Findings, test_set: TestSet, kind: str) -> str:
    return f"tab:{_plain(test_set.name)}-{_plain(findings.key)}-{kind}"


def _plain(text: str) -> str:
    """Letters and digits with hyphens, which every package takes in a label."""
    return "-".join("".join(sign if sign.isascii() and sign.isalnum() else " " for sign in text).split())
