"""Every training as a dot; a line joins those of one seed, so that a seed which is good for all is seen as one."""

from textwrap import wrap

from resemblance.comparison.findings import Findings
from resemblance.comparison.page.chart import Chart, Trace, View, in_plot
from resemblance.comparison.page.markup import Markup
from resemblance.comparison.page.report import Report, Section, names_of
from resemblance.comparison.study import TestSet


def seeds(report: Report) -> Section | None:
    """None where nothing was compared."""
    if not any(test_set.findings for test_set in report.study.test_sets):
        return None
    return Section("seeds", "Seeds", report.each(lambda *of: _chart(report, *of)))


def _chart(report: Report, test_set: TestSet, number: str) -> Markup | None:
    if not test_set.findings:
        return None
    chart = Chart(
        f"seeds-{number}",
        [_view(report, findings) for findings in test_set.findings],
        f"Each seed of each contestant on {test_set.name} as a dot.",
        height=110 + 40 * len(test_set.contestants),
    )
    count = len(test_set.findings[0].seeds)
    paired = "a grey line joins the runs of one seed, a bar marks the mean" if count > 1 else "there is one seed"
    caption = f"Every run on {test_set.name} as a dot; {paired}."
    return report.chart(chart, names_of(test_set), caption)


def _view(report: Report, findings: Findings) -> View:
    names = [standing.contestant for standing in findings.standings]
    whos = [report.signs.who(name) for name in names]
    traces: list[Trace] = [
        {
            "x": [standing.values[place] for standing in findings.standings],
            "y": list(range(len(names))),
            "mode": "lines",
            "hoverinfo": "skip",
            "meta": {"across": whos},
        }
        for place in range(len(findings.seeds))
        if len(names) > 1
    ]
    for row, (who, standing) in enumerate(zip(whos, findings.standings, strict=True)):
        if len(findings.seeds) > 1:
            traces.append(
                {
                    "x": [standing.mean],
                    "y": [row],
                    "name": in_plot(standing.contestant),
                    "mode": "markers",
                    "marker": {"symbol": "line-ns-open", "size": 24, "line": {"width": 3}},
                    "meta": {"who": who, "part": "bar"},
                    "hovertemplate": "mean %{x:.4f}<extra>%{fullData.name}</extra>",
                }
            )
        traces.append(
            {
                "x": list(standing.values),
                "y": [row] * len(standing.values),
                "name": in_plot(standing.contestant),
                "text": [f"seed {seed}" for seed in findings.seeds],
                "mode": "markers",
                "marker": {"size": 9, "opacity": 0.85},
                "meta": {"who": who, "part": "dots"},
                "hovertemplate": "%{text}: %{x:.4f}<extra>%{fullData.name}</extra>",
            }
        )
    return View(findings.label, traces, _layout(findings, names))


def _layout(findings: Findings, names: list[str]) -> dict[str, object]:
    better = "more is better" if findings.higher_is_better else "less is better"
    return {
        "xaxis": {"title": {"text": in_plot(f"{findings.label} ({better})")}, "zeroline": False},
        "yaxis": {
            "tickvals": list(range(len(names))),
            "ticktext": ["<br>".join(map(in_plot, wrap(name, 22))) for name in names],
            "range": [len(names) - 0.5, -0.5],
            "zeroline": False,
        },
        "hovermode": "closest",
    }
