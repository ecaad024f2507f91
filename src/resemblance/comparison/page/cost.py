"""What quality cost: time, memory and parameters beside the headline figure."""

from resemblance.comparison.digits import amount, figure
from resemblance.comparison.evidence.cost import CostColumn, cost_values, costs_of
from resemblance.comparison.findings import Findings
from resemblance.comparison.page.chart import Chart, Trace, View, in_plot
from resemblance.comparison.page.markup import Content, Markup, element, table
from resemblance.comparison.page.report import Report, Section, absent, names_of, note
from resemblance.comparison.study import TestSet
from resemblance.comparison.telling import trained_on

_NOT_DRAWN = {"train/images", "train/loss_parameters"}


def cost(report: Report) -> Section | None:
    """None where there is no test set."""
    if not report.study.test_sets:
        return None
    return Section("cost", "Cost against quality", report.each(lambda *of: _of_set(report, *of)))


def _of_set(report: Report, test_set: TestSet, number: str) -> Content:
    columns = costs_of(test_set.contestants)
    if not columns:
        return absent(f"The runs on {test_set.name} do not say what they cost.")
    drawn: Content = None
    if test_set.findings:
        views = [
            _view(report, test_set, test_set.findings[0], column)
            for column in columns
            if column.key not in _NOT_DRAWN and _differs(test_set, column)
        ]
        if views:
            chart = Chart(
                f"cost-{number}",
                views,
                f"{test_set.findings[0].label} on {test_set.name} against what it cost.",
                height=380,
                choose="Cost",
            )
            caption = (
                f"{test_set.findings[0].label} on {test_set.name} against cost, means over the seeds; upright lines: "
                "95 % over seeds, lying lines: from the cheapest run to the dearest."
            )
            drawn = report.chart(chart, names_of(test_set), caption)
    return [_table(report, test_set, columns), note(trained_on(test_set)), drawn]


def _differs(test_set: TestSet, column: CostColumn) -> bool:
    """Whether there is anything to see: often all networks have the same parameters."""
    return len({value for one in test_set.contestants for value in cost_values(one, column.key)}) > 1


def _view(report: Report, test_set: TestSet, findings: Findings, column: CostColumn) -> View:
    by_name = {standing.contestant: standing for standing in findings.standings}
    traces: list[Trace] = []
    missing = []
    for one in test_set.contestants:
        costs = cost_values(one, column.key)
        standing = by_name.get(one.name)
        if not costs or standing is None:
            missing.append(one.name)
            continue
        mean = sum(costs) / len(costs)
        trace: Trace = {
            "x": [mean],
            "y": [standing.mean],
            "mode": "markers",
            "name": in_plot(one.name),
            "marker": {"size": 12},
            "meta": {"who": report.signs.who(one.name), "part": "dots"},
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [max(costs) - mean],
                "arrayminus": [mean - min(costs)],
            },
            "hovertemplate": "%{x:,.4~g}, %{y:.4f}<extra>%{fullData.name}</extra>",
        }
        if (ends := standing.over_seeds) is not None:
            above, below = ends.high - standing.mean, standing.mean - ends.low
            trace["error_y"] = {"type": "data", "symmetric": False, "array": [above], "arrayminus": [below]}
        traces.append(trace)
    better = "more is better" if findings.higher_is_better else "less is better"
    layout = {
        "xaxis": {"title": {"text": in_plot(column.label)}, "zeroline": False},
        "yaxis": {"title": {"text": in_plot(f"{findings.label} ({better})")}, "zeroline": False},
        "hovermode": "closest",
    }
    return View(column.short, traces, layout, missing)


def _table(report: Report, test_set: TestSet, columns: list[CostColumn]) -> Markup:
    findings = test_set.findings[0] if test_set.findings else None
    means = {} if findings is None else {standing.contestant: standing.mean for standing in findings.standings}
    rows: list[list[Content]] = []
    for one in test_set.contestants:
        cells = [_amount(cost_values(one, column.key)) for column in columns]
        mean = [element("td", figure(means[one.name]) if one.name in means else "–", class_="number")] if means else []
        rows.append([report.signs.named(one.name), *mean, *cells])
    head = ["Contestant", *([findings.label] if findings and means else []), *(column.short for column in columns)]
    caption = report.table_caption(f"What the trainings cost for {test_set.name}, mean over the seeds.")
    return table(head, rows, caption=caption)


def _amount(values: list[float]) -> Markup:
    return element("td", amount(values) if values else "–", class_="number")
