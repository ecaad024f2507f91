"""LaTeX that nobody sets here: its syntax is looked at, and its tables are read."""

import re


def tabulars(text):
    """Rows of cells of each tabular, after its syntax was looked at."""
    for opened in re.findall(r"\\begin\{(\w+)\}", text):
        assert text.count(rf"\begin{{{opened}}}") == text.count(rf"\end{{{opened}}}")
    return [cells for _, cells in laid_out(text)]


def laid_out(text):
    """Of each tabular the columns, ``l``, ``r`` or their share of the width of the text, and its rows of cells."""
    found = []
    tables = re.findall(r"\\begin\{tabular\}\{@\{\}(\S+)@\{\}\}(.*?)\\end\{tabular\}", text, re.DOTALL)
    assert len(tables) == text.count(r"\begin{tabular}")
    in_p = re.compile(r"\\raggedright(\\let\\\\\\tabularnewline)? ")
    for layout, body in tables:
        assert re.fullmatch(r"([lr]|p\{0\.\d+\\linewidth\})+", layout)
        columns = [share or side for share, side in re.findall(r"p\{(0\.\d+)\\linewidth\}|([lr])", layout)]
        assert body.count(r"\toprule") == body.count(r"\midrule") == body.count(r"\bottomrule") == 1
        lines = [line.strip() for line in body.splitlines() if "&" in line]
        assert all(line.endswith(r"\\") for line in lines)
        cells = [[in_p.sub("", cell.strip()) for cell in re.split(r"(?<!\\)&", line[:-2])] for line in lines]
        assert all(len(row) == len(columns) for row in cells)
        found.append((columns, cells))
    return found


def is_sound(text):
    """Braces and dollars in pairs, every special sign escaped, ASCII but for letters of names."""
    for line in text.splitlines():
        if line.startswith("%"):
            continue
        bare = re.sub(r"\\[\\{}&%$#_,]", "", line)
        assert bare.count("{") == bare.count("}")
        assert bare.count("$") % 2 == 0
        assert not re.search(r"[%#~]", bare)
        outside = re.sub(r"\$[^$]*\$", "", bare)
        assert not re.search(r"[_^<>|\"]", re.sub(r"\\label\{[^}]*\}", "", outside))
        assert bare.isascii(), line
