"""HTML from Python: whatever is not markup is escaped, so no name of a run can become part of the page."""

from collections.abc import Iterable, Sequence
from html import escape

_VOID = {"br", "img", "meta", "hr", "wbr"}


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Content = str | int | float | None | Iterable["Content"]


def element(tag: str, /, *children: Content, **attributes: str | int | float | bool | None) -> Markup:
    """One element.

    Args:
        tag: name of the element.
        children: markup, text that is escaped, None for nothing, or several of them.
        attributes: a trailing underscore is dropped (``class_``), others become hyphens (``data_who``); True is an
            attribute without a value, None and False are none.

    >>> element("p", "1 < 2 ", element("b", "true"), class_="x", hidden=True)
    '<p class="x" hidden>1 &lt; 2 <b>true</b></p>'
    """
    written = "".join(
        _attribute(key, value) for key, value in attributes.items() if value is not None and value is not False
    )
    inside = markup(*children)
    return Markup(f"<{tag}{written}>") if tag in _VOID else Markup(f"<{tag}{written}>{inside}</{tag}>")


def markup(*children: Content) -> Markup:
    """Several pieces after one another.

    >>> markup("a & b", None, ["c", "d"])
    'a &amp; bcd'
    """
    return Markup("".join(_piece(child) for child in children))


def table(
    head: Sequence[Content],
    rows: Iterable[Sequence[Content]],
    *,
    caption: Content = None,
    class_: str = "",
    wide: bool = True,
) -> Markup:
    """A table whose first column names its rows, in a box of its own that scrolls where the page is narrow.

    Args:
        head: of the columns.
        rows: as many cells each.
        caption: above it.
        class_: of the table.
        wide: whether it takes the whole width.
    """
    whole = element(
        "table",
        element("caption", element("span", caption)) if caption else None,
        element("thead", element("tr", [element("th", cell, scope="col") for cell in head])),
        element("tbody", [_row(row) for row in rows]),
        class_=" ".join(filter(None, [class_, "wide" if wide else ""])) or None,
    )
    # What scrolls must be reached by the keyboard.
    return element("div", whole, class_="scroll", tabindex=0, role="group", aria_label="Table")


def _row(cells: Sequence[Content]) -> Markup:
    first, *others = cells
    return element("tr", element("th", first, scope="row"), [_cell(cell) for cell in others])


def _cell(cell: Content) -> Markup:
    whole = isinstance(cell, Markup) and cell.startswith("<td")
    return Markup(cell) if whole else element("td", cell)


def _attribute(key: str, value: object) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value), quote=True)}"'


def _piece(child: Content) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return escape(child, quote=False)
    if isinstance(child, int | float):
        return escape(str(child))
    return "".join(_piece(one) for one in child)
