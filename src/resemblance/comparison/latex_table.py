r"""Tables as LaTeX sets them with booktabs alone: no wider than the text, no higher than a page.

Widths are estimated, for nothing is typeset here: those of Computer Modern at ``\footnotesize`` of an article, whose
text is 345 pt wide and 550 pt high.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence

_TEXT_WIDTH = 345
"""Points."""
_BETWEEN = 8
"""Points between two columns, from ``\\tabcolsep``."""
_LINES = 48
"""Of a page, without the caption and the head of a table."""
_FEWEST = 15
"""Lines of a part of a table, however many its notes have."""
_NOTE = 80
"""Characters of a line that is as wide as the text."""
_HEAD = 10
"""Characters; a longer head of a column of numbers stands in several lines, as far as it has blanks."""
_POINTS = {**dict.fromkeys("ijl.,:;'[]|!", 2.4), **dict.fromkeys("frst()-/ ", 3.3)}
_POINTS |= dict.fromkeys("mwMW+=<>%&@±×≤≥→\N{MINUS SIGN}", 6.8)
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
    # In the encoding of a plain article a bar comes out as a dash. \textquotedbl wants T1 and \textquotesingle wants
    # textcomp, so straight quotes become curly ones; German of babel's would take " for a command.
    "|": r"\textbar{}",
    '"': "''",
    "`": r"\`{}",
    "\N{ZERO WIDTH NON-JOINER}": "{}",
    "±": r"$\pm$",
    "δ": r"$\delta$",
    "×": r"$\times$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "→": r"$\to$",
    "σ": r"$\sigma$",
    "√": r"$\surd$",
    "–": "--",
    "…": r"\dots{}",
    "\N{MINUS SIGN}": r"$-$",
    "\N{NO-BREAK SPACE}": "~",
    "\N{NARROW NO-BREAK SPACE}": r"\,",
    "\N{MATHEMATICAL ITALIC SMALL P}": "$p$",
}
_WITHIN = re.compile(r"(?<=[\w)][/=_])(?=\w)|(?<=[^\W\d][.])(?=[^\W\d])")
"""Places within the names of settings and figures where a line may end."""
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SPECIAL |= {sign: f"$^{digit}$" for digit, sign in enumerate(_RAISED)}


def escaped(text: str) -> str:
    r"""Text as LaTeX prints it.

    >>> escaped("tar_at_far 50 % & \\x")
    'tar\\_at\\_far 50 \\% \\& \\textbackslash{}x'
    """
    apart = re.sub("([-'])(?=\\1)", "\\1\N{ZERO WIDTH NON-JOINER}", text.replace("\n", " "))  # no ligatures
    return "".join(_SPECIAL.get(sign, sign) for sign in apart)


def raised(number: int) -> str:
    """The number of a note, as it stands behind what it belongs to.

    >>> raised(12)
    '¹²'
    """
    return "".join(_RAISED[int(digit)] for digit in str(number))


def table(
    caption: str,
    label: str,
    columns: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    notes: Sequence[str] = (),
) -> Iterator[str]:
    r"""One table, or as many parts of it as are no higher than a page each.

    Args:
        caption: plain text, as head and rows are.
        label: of the table; further parts have ``label-2`` and so on.
        columns: ``l`` for words, which go on in a further line where the table would be too wide, ``r`` for numbers.
        head: a cell for each column.
        rows: each with as many.
        notes: LaTeX; they stand below the first part, as wide as the text.
    """
    shown = [_in_lines(name) if column == "r" else [name] for column, name in zip(columns, head, strict=True)]
    widths = _widths(columns, [[max(lines, key=points) for lines in shown], *rows])
    layout = "".join(map(_column, columns, widths))
    below = [rf"    {note}\par" for note in notes]
    taken = sum(len(textwrap.wrap(note, _NOTE)) for note in notes)
    parts = _parts(rows, [max(map(_lines, row, widths)) for row in rows], max(_FEWEST, _LINES - taken))
    for number, part in enumerate(parts, start=1):
        of = "" if len(parts) == 1 else f" Part {number} of {len(parts)}."
        yield r"\begin{table}"
        yield r"  \centering"
        yield rf"  \caption{{{escaped(caption + of)}}}"
        yield rf"  \label{{{label if number == 1 else f'{label}-{number}'}}}"
        yield rf"  \footnotesize\setlength{{\tabcolsep}}{{{_BETWEEN / 2:g}pt}}"
        yield rf"  \begin{{tabular}}{{@{{}}{layout}@{{}}}}"
        yield r"    \toprule"
        yield rf"    {' & '.join(map(_head, shown))} \\"
        yield r"    \midrule"
        for row in part:
            yield f"    {_row(row, widths)}"
        yield r"    \bottomrule"
        yield r"  \end{tabular}"
        if number > 1 and below:
            below = [rf"    Notes stand below Table \ref{{{label}}}.\par"]
        if below:
            yield r"  \par\smallskip"
            yield r"  \begin{minipage}{\linewidth}"
            yield r"    \raggedright"
            yield from below
            yield r"  \end{minipage}"
        yield r"\end{table}"


def points(text: str) -> float:
    """About how wide a text comes out."""
    return sum(_POINTS.get(sign, 6 if sign.isupper() else 4.6) for sign in text)


def _widths(columns: str, rows: Sequence[Sequence[str]]) -> list[float | None]:
    """Points of columns of words that must be narrower than their widest cell; None for all others."""
    natural = [max(map(points, cells)) for cells in zip(*rows, strict=True)]
    room: float = _TEXT_WIDTH - _BETWEEN * (len(columns) - 1)
    room -= sum(width for column, width in zip(columns, natural, strict=True) if column == "r")
    words = sorted(width for column, width in zip(columns, natural, strict=True) if column == "l")
    if sum(words) <= room:
        return [None] * len(columns)
    # The narrow ones stay as they are, and the wide ones share what is left alike.
    while words and words[0] <= room / len(words):
        room -= words.pop(0)
    most = max(room / max(1, len(words)), _TEXT_WIDTH / 8)
    return [
        most if column == "l" and width > most else None for column, width in zip(columns, natural, strict=True)
    ]  # fmt: skip


def _column(column: str, width: float | None) -> str:
    return column if width is None else f"p{{{width / _TEXT_WIDTH:.3f}\\linewidth}}"


def _lines(cell: str, width: float | None) -> int:
    """How many a cell takes."""
    if width is None:
        return 1
    lines, taken = 1, 0.0
    for piece in _pieces(cell, width):
        if taken and taken + points(piece.rstrip()) > width:
            lines, taken = lines + 1, 0.0
        taken += points(piece)
    return lines


def _pieces(cell: str, width: float) -> list[str]:
    """Between which a line may end: words, and parts of names that are wider than the column."""
    words = re.findall(r"\S+ ?", cell)
    return [piece for word in words for piece in (_WITHIN.split(word) if points(word.rstrip()) > width else [word])]


def _parts(rows: Sequence[Sequence[str]], heights: Sequence[int], first: int) -> list[list[Sequence[str]]]:
    """Rows that stand on a page together: fewer lines on the first, which has the notes."""
    parts: list[list[Sequence[str]]] = [[]]
    left = first
    for row, height in zip(rows, heights, strict=True):
        if height > left and parts[-1]:
            parts.append([])
            left = _LINES
        parts[-1].append(row)
        left -= height
    return parts


def _row(row: Sequence[str], widths: Sequence[float | None]) -> str:
    line = " & ".join(_cell(row[place], width, place == len(row) - 1) for place, width in enumerate(widths))
    return ("{}" if line.startswith(("[", "*")) else "") + line + r" \\"  # the \\ before would take them for its own


def _cell(cell: str, width: float | None, last: bool) -> str:
    if width is None or points(cell) <= width:
        return escaped(cell)
    again = r"\let\\\tabularnewline" if last else ""  # to \raggedright the end of a row is one of a line
    words = ""
    for piece in _pieces(cell, width):
        words += escaped(piece) + ("" if piece.endswith(" ") else r"\allowbreak{}")
    return rf"\raggedright{again} " + words.rstrip().removesuffix(r"\allowbreak{}")


def _in_lines(name: str) -> list[str]:
    return textwrap.wrap(name, _HEAD, break_long_words=False) or [""]


def _head(lines: Sequence[str]) -> str:
    told = r"\\".join(map(escaped, lines))
    return told if len(lines) == 1 else rf"\shortstack[r]{{{told}}}"
