"""What was spent on finding settings before the comparison, and whether it was the same for all contestants."""

from collections.abc import Mapping
from typing import Any

from resemblance.comparison.digits import amount, figure, setting
from resemblance.comparison.page.markup import Content, Markup, element, markup, table
from resemblance.comparison.page.report import Report, Section, absent
from resemblance.comparison.tuning import budget, of_contestant
from resemblance.tracking.names import improves_downwards


def tuning(report: Report) -> Section:
    """Always there, for a reader must know how the settings came about."""
    tuned = report.study.tuning
    if not tuned:
        sentence = "No tuning was found beside these runs: their settings are those of their configurations."
        return Section("tuning", "Budget and tuning", absent(sentence))
    rows = [_row(report, loss, spent) for loss, spent in tuned.items()]
    head = ["Loss", "Trials", "Epochs each", "Seconds in all", "Best on validation", "Chosen settings", "All trials"]
    told = f"Trials on validation identities, before the seeds of this comparison.{_equal(report)}"
    caption = report.table_caption(told)
    return Section("tuning", "Budget and tuning", markup(table(head, rows, caption=caption)))


def _equal(report: Report) -> str:
    """Whether all contestants had the same budget, in a sentence."""
    spent = {
        one.name: of_contestant(report.study.tuning, one)
        for test_set in report.study.test_sets
        for one in test_set.contestants
    }
    budgets = {None if found is None else budget(found) for found in spent.values()}
    if len(budgets) == 1 and (same := budgets.pop()) is not None:
        return f" All contestants had the same budget: {same}."
    lacking = [name for name, found in spent.items() if found is None]
    unequal = " The contestants did not have the same budget." if len(budgets) > 1 else ""
    return f"{unequal} Not tuned: {', '.join(lacking)}." if lacking else unequal


def _row(report: Report, loss: str, spent: Mapping[str, Any]) -> list[Content]:
    values = [float(value) for value in spent.get("values") or () if isinstance(value, int | float)]
    best = spent.get("best") or {}
    chosen = [element("span", element("code", setting(key, value)), " ") for key, value in best.items()]
    return [
        loss,
        _number(spent.get("trials")),
        _number(spent.get("epochs")),
        _number(spent.get("seconds")),
        element("td", _best(report, spent, values), class_="number"),
        element("td", chosen or "–"),
        element("td", _dots(values), class_="drawn"),
    ]


def _best(report: Report, spent: Mapping[str, Any], values: list[float]) -> str:
    metric = str(spent.get("metric") or "")
    if not values:
        return "–"
    best = min(values) if metric and improves_downwards(metric) else max(values)
    return f"{report.label(metric)} {figure(best)}" if metric else figure(best)


def _dots(values: list[float]) -> Markup | str:
    """Each trial as a dot, from the least to the most of this loss."""
    if len(values) < 2:
        return "–"
    low, high = min(values), max(values)
    span = max(high - low, 1e-12)
    dots = [element("circle", cx=f"{6 + 108 * (value - low) / span:.1f}", cy=8, r=3) for value in values]
    ends = element("span", f"{figure(low)} to {figure(high)}", class_="small")
    drawing = element("svg", dots, class_="trials", viewBox="0 0 120 16", role="img", aria_label="Each trial as a dot")
    return markup(drawing, ends)


def _number(value: object) -> Markup:
    return element("td", amount([value]) if isinstance(value, int | float) else "–", class_="number")
