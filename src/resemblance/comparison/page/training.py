"""How the trainings went: a validation figure against the images seen, and what the losses said of themselves."""

from collections import Counter
from collections.abc import Mapping, Sequence

from resemblance.comparison.digits import figure
from resemblance.comparison.evidence.history import column_bands, columns_of
from resemblance.comparison.evidence.over_seeds import over_fewer_seeds
from resemblance.comparison.page.chart import Chart, View, band_traces, in_plot, marked_places
from resemblance.comparison.page.markup import Content, Markup, element, markup, table
from resemblance.comparison.page.report import Report, Section, absent, names_of
from resemblance.comparison.study import Contestant, TestSet
from resemblance.wording import counted

STATISTICS = {
    "active_share": "active share: how much of a batch still pushes",
    "embedding_spread": "embedding spread: 0 where all images have one direction",
    "similarity_deviation": "deviation of the similarities: 0 in a collapse",
    "genuine_similarity": "similarity of genuine pairs",
    "impostor_similarity": "similarity of impostor pairs",
    "empty_batch": "share of batches with nothing to compare",
}
"""Columns below ``train/``, the most telling first; the loss itself comes last, for no two losses share its scale."""
_NO_STATISTIC = {"learning_rate", "loss_learning_rate", "loss"}


def training(report: Report) -> Section | None:
    """None where there is no test set."""
    if not report.study.test_sets:
        return None
    return Section("training", "Metric against training images", report.each(lambda *of: _figures(report, *of)))


def mining(report: Report) -> Section | None:
    """None where there is no test set."""
    if not report.study.test_sets:
        return None
    return Section("mining", "Mining and collapse", report.each(lambda *of: _statistics(report, *of)))


def _figures(report: Report, test_set: TestSet, number: str) -> Content:
    columns = columns_of(test_set.contestants, report.histories, "val/")
    headline = test_set.findings[0].key.replace("test/", "val/", 1) if test_set.findings else ""
    columns.sort(key=lambda name: (name != headline, name != "val/verification/auc"))
    views = _views(report, test_set, _labels(report, columns), "validation ")
    if not views:
        return absent(
            f"No run on {test_set.name} has a history of its training (history.csv), as an evaluation has none."
        )
    chart = Chart(
        f"training-{number}",
        views,
        f"Figures of the validation identities against training images seen, for {test_set.name}.",
    )
    caption = (
        "Figures of the validation identities, never of the test set, against the training images seen on all devices: "
        "mean over the seeds, the band from the lowest seed to the highest."
    )
    return report.chart(chart, names_of(test_set), caption)


def _labels(report: Report, columns: Sequence[str]) -> dict[str, str]:
    """Names of columns, with the protocol where two would have the same."""
    labels = {column: report.label(column) for column in columns}
    common = Counter(labels.values())
    return {
        column: f"{label}, {column.split('/')[1].replace('_', ' ')}" if common[label] > 1 else label
        for column, label in labels.items()
    }


def _statistics(report: Report, test_set: TestSet, number: str) -> Content:
    found = [name.removeprefix("train/") for name in columns_of(test_set.contestants, report.histories, "train/")]
    known = [name for name in STATISTICS if name in found]
    further = [name for name in found if name not in STATISTICS and name not in _NO_STATISTIC]
    last = ["loss"] if "loss" in found else []
    labels = {
        f"train/{name}": STATISTICS.get(
            name, "loss, each on its own scale" if name == "loss" else name.replace("_", " ")
        )
        for name in (*known, *further, *last)
    }
    views = _views(report, test_set, labels, "")
    collapse = _collapse(report, test_set)
    if not views:
        return [collapse, absent(f"No run on {test_set.name} has statistics of its training (history.csv).")]
    chart = Chart(
        f"mining-{number}",
        views,
        f"Statistics of the losses against training images seen, for {test_set.name}.",
        height=360,
        choose="Statistic",
    )
    caption = (
        "What the losses report of their batches: mean over an epoch and over the seeds, the band from the lowest seed "
        "to the highest. Similarities are each loss's own, so their scales differ; what counts as active does too."
    )
    return [collapse, report.chart(chart, names_of(test_set), caption)]


def _views(report: Report, test_set: TestSet, labels: Mapping[str, str], start: str) -> list[View]:
    names = names_of(test_set)
    views = []
    for column, label in labels.items():
        bands = column_bands(test_set.contestants, report.histories, column)
        if not bands:
            continue
        traces = [
            trace
            for place, who in enumerate(names)
            if who in bands
            for trace in band_traces(
                report.signs.who(who), who, bands[who],
                marks=marked_places(len(bands[who].x), place, len(names)),
            )
        ]  # fmt: skip
        title, _, explained = label.partition(":")
        layout = {
            "xaxis": {
                "title": {"text": "training images seen"},
                "rangemode": "tozero",
                "unifiedhovertitle": {"text": "%{x:,} images"},
            },
            "yaxis": {"title": {"text": in_plot(f"{start}{title}")}, "hoverformat": ".4f"},
            "hovermode": "x unified",
        }
        views.append(
            View(
                f"{title} ({explained.strip()})" if explained else title,
                traces,
                layout,
                _missing(names, bands),
                over_fewer_seeds(test_set, bands),
            )
        )
    return views


def _missing(names: Sequence[str], bands: Mapping[str, object]) -> list[str]:
    return [name for name in names if name not in bands]


def _collapse(report: Report, test_set: TestSet) -> Markup:
    told = [run for one in test_set.contestants for run in one.runs if "train/collapsed" in run.scalars]
    if not told:
        return absent("Whether a training collapsed is not known of these runs.")
    collapsed = [run for run in told if run.scalars["train/collapsed"].value > 0]
    lines = [
        element(
            "li", report.signs.named(one.name), f", seed {run.seed}: ",
            run.scalars["train/collapsed"].note or "all images came to have one embedding",
        )
        for one in test_set.contestants
        for run in one.runs
        if run in collapsed
    ]  # fmt: skip
    if not lines:
        sentence = element("p", f"None of {counted(len(told), 'training')} collapsed.")
    else:
        sentence = markup(
            element("p", f"{len(collapsed)} of {counted(len(told), 'training')} collapsed:"), element("ul", lines)
        )
    rows = [row for one in test_set.contestants if (row := _last(report, one))]
    if not rows:
        return sentence
    head = ["Contestant", "collapsed", "active share at the end", "embedding spread at the end"]
    caption = report.table_caption(f"The end of the trainings for {test_set.name}, mean over the seeds.")
    return markup(sentence, table(head, rows, caption=caption, wide=False))


def _last(report: Report, one: Contestant) -> list[Content] | None:
    cells: list[Content] = []
    for column in ("train/active_share", "train/embedding_spread"):
        ends = []
        for run in one.runs:
            seen = [cell for cell in report.histories[str(run.path)].get(column, ()) if cell is not None]
            ends += seen[-1:]
        cells.append(element("td", figure(sum(ends) / len(ends)) if ends else "–", class_="number"))
    known = [run.scalars["train/collapsed"].value > 0 for run in one.runs if "train/collapsed" in run.scalars]
    collapsed = element("td", f"{sum(known)} of {len(known)}" if known else "–", class_="number")
    return [report.signs.named(one.name), collapsed, *cells]
