"""ROC curves of all contestants, on the logarithmic FAR axis where security is decided."""

import math

from resemblance.comparison.digits import figure
from resemblance.comparison.evidence.over_seeds import Band, over_fewer_seeds
from resemblance.comparison.evidence.roc import protocols_with_roc, roc_bands, without_rates
from resemblance.comparison.page.chart import Chart, View, band_traces, marked_places
from resemblance.comparison.page.markup import Content, Markup, element, markup, table
from resemblance.comparison.page.report import Report, Section, absent, folded, names_of
from resemblance.comparison.study import TestSet


def roc(report: Report) -> Section | None:
    """None where there is no test set."""
    if not report.study.test_sets:
        return None
    return Section("roc", "ROC curves", markup(report.each(lambda *of: _of_set(report, *of)), _hint(report)))


def _hint(report: Report) -> Markup | None:
    """Once a page, below its first charts."""
    if not report.charts:
        return None
    told = "A press on a name above a chart hides or shows it in all charts, a double press shows it alone. "
    told += "Drag within a chart to enlarge a part of it; a double click brings back the whole."
    return element("p", told, class_="note hint")


def _of_set(report: Report, test_set: TestSet, number: str) -> Content:
    protocols = protocols_with_roc(test_set.contestants)
    if not protocols:
        return absent(f"No run on {test_set.name} has a ROC curve in its results.json.")
    return [_chart(report, test_set, protocol, f"roc-{number}-{protocol}") for protocol in protocols]


def _chart(report: Report, test_set: TestSet, protocol: str, name: str) -> Markup:
    bands = roc_bands(test_set.contestants, protocol)
    names = names_of(test_set)
    least = float(next(iter(bands.values())).x[0])
    traces = [
        trace
        for place, who in enumerate(names)
        if who in bands
        for trace in band_traces(
            report.signs.who(who), who, bands[who], stairs=True,
            marks=marked_places(len(bands[who].x), place, len(names)),
        )
    ]  # fmt: skip
    exponents = range(math.floor(math.log10(least)), 1)
    layout = {
        "xaxis": {
            "type": "log",
            "title": {"text": "false accept rate (log scale)"},
            "range": [math.log10(least), 0],
            "tickvals": [10.0**exponent for exponent in exponents],
            "ticktext": ["1" if exponent == 0 else f"1e{exponent}" for exponent in exponents],
            "hoverformat": ".2g",
            "unifiedhovertitle": {"text": "FAR %{x}"},
        },
        "yaxis": {"title": {"text": "true accept rate"}, "range": [0, 1.02], "hoverformat": ".4f"},
        "hovermode": "x unified",
        "shapes": _rates(test_set, protocol, least),
    }
    missing = [who for who in names if who not in bands]
    chart = Chart(
        name,
        [View(protocol, traces, layout, missing)],
        f"ROC curves of {protocol} on {test_set.name}: true accept rate against false accept rate.",
        height=470,
    )
    seeds = max(band.seeds for band in bands.values())
    drawn = (
        "the mean over the seeds, the band from the lowest seed to the highest" if seeds > 1 else "one seed, no band"
    )
    rates = " Dotted: the FAR at which figures of this page are claimed." if layout["shapes"] else ""
    lacking = f" Without a curve: {', '.join(missing)}." if missing else ""
    fewer = over_fewer_seeds(test_set, bands)
    left_out = "".join(f" {sentence}" for sentence in without_rates(test_set.contestants, protocol))
    told = f"{lacking}{f' {fewer}' if fewer else ''}{left_out}"
    caption = f"ROC of {protocol} on {test_set.name}: {drawn}.{rates}{told}"
    return report.chart(chart, names, caption, _numbers(report, bands, least))


def _rates(test_set: TestSet, protocol: str, least: float) -> list[dict[str, object]]:
    start = f"test/{protocol}/tar_at_far_"
    found = {_rate(one.key.removeprefix(start)) for one in test_set.findings if one.key.startswith(start)}
    return [
        {"type": "line", "x0": rate, "x1": rate, "y0": 0, "y1": 1, "yref": "paper", "line": {"dash": "dot", "width": 1}}
        for rate in sorted(rate for rate in found if rate is not None)
        if rate >= least * (1 - 1e-9)
    ]


def _rate(text: str) -> float | None:
    """``1e_3`` → 0.001."""
    try:
        return float(text.replace("_", "-"))
    except ValueError:
        return None


def _numbers(report: Report, bands: dict[str, Band], least: float) -> Markup:
    """The curves at the decades, for whoever reads numbers, or hears the page."""
    rates = [10.0**exponent for exponent in range(math.ceil(math.log10(least) - 1e-9), 0)]
    if not rates:
        return markup()
    rows: list[list[Content]] = []
    for who, band in bands.items():
        cells = []
        for rate in rates:
            place = int(abs(band.x - rate).argmin())
            low, high = figure(float(band.low[place])), figure(float(band.high[place]))
            spread = element("span", f"{low} to {high}", class_="small") if band.seeds > 1 else None
            cells.append(element("td", figure(float(band.mean[place])), spread, class_="number"))
        rows.append([report.signs.named(who), *cells])
    head = ["Contestant", *(f"FAR {rate:.0e}".replace("e-0", "e-") for rate in rates)]
    return folded("The curves as numbers", table(head, rows, caption="True accept rate: mean, lowest to highest seed."))
