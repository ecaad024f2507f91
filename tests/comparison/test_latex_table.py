"""No table is wider than the text or higher than a page, whatever stands in it."""

import re

import pytest

from resemblance.comparison.latex_table import escaped, points, raised, table
from tests.comparison.typeset import is_sound, laid_out, tabulars

WIDTH, BETWEEN = 345, 8


def test_every_special_sign_of_latex():
    assert escaped("a&b%c$d#e_f{g}h~i^j\\k<l>m") == (
        r"a\&b\%c\$d\#e\_f\{g\}h\textasciitilde{}i\textasciicircum{}j\textbackslash{}k\textless{}l\textgreater{}m"
    )


def test_quotes_bars_and_ligatures():
    assert escaped("'a'|\"b\" `c` d--e f---g ''") == r"'a'\textbar{}''b'' \`{}c\`{} d-{}-e f-{}-{}-g '{}'"


def set_(columns, head, rows, notes=()):
    text = "\n".join(table("A caption.", "tab:x", columns, head, rows, notes))
    is_sound(text)
    return text


def printed(cell):
    """A cell without what prints nothing."""
    return re.sub(r"\\allowbreak\{\}|\\(?=[^a-z])", "", cell).replace("$-$", "−")


LONG = "triplet (mining=distance_weighted, margin=0.35) − cosface (scale=16)"
NUMBERS = ["+0.0100", "[−0.0100, +0.0500]", "0.012"]


def test_what_fits_is_not_broken():
    text = set_("lrl", ["", "mean", "verdict"], [["a − b", "0.1000", "better"]])
    assert laid_out(text) == [(["l", "r", "l"], [["", "mean", "verdict"], ["a $-$ b", "0.1000", "better"]])]
    assert "raggedright" not in text
    assert "Part" not in text


@pytest.mark.parametrize("name", [LONG, "a − b", "x" * 90, "x=y" * 30])
@pytest.mark.parametrize("verdict", ["better", "undecided (123 more seeds)¹²"])
def test_no_table_is_wider_than_the_text(name, verdict):
    head = ["", "difference", "95 % simultaneous", "p", "verdict"]
    text = set_("lrrrl", head, [[name, *NUMBERS, verdict], ["a − b", *NUMBERS, "better"]])
    ((columns, cells),) = laid_out(text)
    width = BETWEEN * (len(columns) - 1)
    for place, column in enumerate(columns):
        width += WIDTH * float(column) if column not in "lr" else max(points(printed(row[place])) for row in cells[1:])
    assert width <= WIDTH + 1
    assert [printed(row[0]) for row in cells[1:]] == [name, "a − b"]
    if name == "x=y" * 30:
        assert cells[1][0].count(r"\allowbreak{}") == 30


def test_a_last_cell_that_is_broken_ends_its_row():
    text = set_("ll", ["", "best"], [["a" * 20, "loss.margin=0.3, " * 9]])
    assert r"& \raggedright\let\\\tabularnewline loss.margin=0.3," in text


def test_what_would_be_an_argument_of_the_end_of_a_row_is_none():
    assert "    {}[a] & 1 \\\\" in set_("lr", ["", "n"], [["b", "2"], ["[a]", "1"]])


def test_no_table_is_higher_than_a_page_and_notes_stand_below_its_first_part():
    rows = [[f"contestant {number}", "0.5"] for number in range(120)]
    text = set_("lr", ["", "mean"], rows, ["A note of one line."] * 8)
    parts = re.findall(r"\\begin\{table\}.*?\\end\{table\}", text, re.DOTALL)
    assert [len(tabulars(part)[0]) - 1 for part in parts] == [40, 48, 32]
    assert [row for part in parts for row in tabulars(part)[0][1:]] == rows
    assert [part.count("A note of one line.") for part in parts] == [8, 0, 0]
    assert re.findall(r"\\label\{(.*?)\}", text) == ["tab:x", "tab:x-2", "tab:x-3"]
    assert text.count(r"Notes stand below Table \ref{tab:x}.") == 2
    assert "A caption. Part 3 of 3." in parts[2]


def test_rows_of_several_lines_take_their_room():
    rows = [[LONG, "0.5", "z" * 30] for _ in range(40)]
    parts = set_("lrl", ["", "mean", "verdict"], rows).count(r"\begin{table}")
    assert parts == 2


def test_numbers_of_notes_are_raised():
    assert escaped(f"better{raised(12)}") == "better$^1$$^2$"
