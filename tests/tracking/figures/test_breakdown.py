import pytest

from resemblance.results import Result, Table
from resemblance.tracking.figures import breakdown_figure, write_figures
from tests.tracking.figures.reading import beyond, intervals, overlapping, points, texts

RATES = ("1e_2", "1e_3")


def table(groups, rates=RATES, *, with_intervals=True):
    """Groups (name, FMR, TAR), each rate ten times as strict as the one before."""
    columns = ["group", "images", "subjects", "genuine", "impostor"]
    ends = ("", "_low", "_high") if with_intervals else ("",)
    columns += [f"{figure}{end}" for figure in ("auc", "eer") for end in ends]
    columns += [f"{figure}_at_far_{rate}{end}" for rate in rates for figure in ("tar", "fmr") for end in ends]
    rows = []
    for name, fmr, tar in groups:
        row = [name, 300, 97, 3000, 100_000]
        figures = [0.98, 0.05]
        for place in range(len(rates)):
            figures += [tar, fmr / 10**place]
        for value in figures:
            row += [value, value * 0.8, min(1.0, value * 1.3)] if with_intervals else [value]
        rows.append(tuple(row))
    return Result(tables={"breakdown/yaw": Table(tuple(columns), tuple(rows))})


GROUPS = (("-35 to -18.5", 0.008, 0.7), ("-18.5 to 3", 0.02, 0.75), ("no value", 0.0002, 0.72))


def test_a_panel_for_each_error_rate_and_threshold_with_a_dot_for_each_group():
    figure = breakdown_figure(table(GROUPS), "yaw")
    shown = texts(figure)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "FMR, threshold of FAR 1 %",
        "FNMR, threshold of FAR 1 %",
        "FMR, threshold of FAR 0.1 %",
        "FNMR, threshold of FAR 0.1 %",
    ]
    fmr, fnmr, *_ = figure.axes
    assert fmr.get_xscale() == "log"
    assert [point.get_xdata()[0] for point in points(fmr)] == [0.008, 0.02, 0.0002]
    assert [point.get_ydata()[0] for point in points(fmr)] == [0, 1, 2]
    assert [point.get_xdata()[0] for point in points(fnmr)] == pytest.approx([0.3, 0.25, 0.28])
    assert next(tuple(bar.get_xdata()) for bar in intervals(fnmr)) == pytest.approx((1 - 0.7 * 1.3, 1 - 0.7 * 0.8))
    assert [point.get_markerfacecolor() == "white" for point in points(fmr)] == [False, False, True]
    assert {"Breakdown by yaw\n", "−35 to −18.5\n97 subjects", "no value\n97 subjects"} <= set(shown)
    assert "900 images, 300 of them without a value, compared within their group at common thresholds" in shown
    assert not overlapping(figure)
    assert not beyond(figure)


def test_an_fmr_of_zero_lies_on_the_edge():
    figure = breakdown_figure(table([("a", 0.0, 0.9), ("b", 0.01, 0.9)]), "yaw")
    fmr = figure.axes[0]
    assert points(fmr)[0].get_xdata()[0] == fmr.get_xlim()[0] > 0


MANY = [(f"group {k}", 0.01, 0.9) for k in range(30)]


@pytest.mark.parametrize("groups", [GROUPS[:1], MANY, [("x" * 80, 0.5, 0.0)]])
def test_one_group_many_and_long_names(groups):
    figure = breakdown_figure(table(groups), "yaw")
    assert len(points(figure.axes[0])) == len(groups)
    assert not overlapping(figure)


def test_of_very_many_groups_the_largest_are_drawn_and_it_says_so():
    figure = breakdown_figure(table([(f"group {k}", 0.01, 0.9) for k in range(100)]), "yaw")
    assert len(points(figure.axes[0])) == 30
    assert any("30 of 100 groups" in text for text in texts(figure))


def test_groups_that_are_left_out_are_named():
    found = table(GROUPS[:2])
    reason = "its 5 images of 1 identities make 10 genuine and 0 impostor comparisons; figures need 30 of each."
    refused = {"breakdown/refused": Table(("figure", "reason"), (("yaw: no value", reason),))}
    figure = breakdown_figure(Result(tables={**found.tables, **refused}), "yaw")
    assert any("too few comparisons: no value (5 images of 1 identities)" in text for text in texts(figure))
    assert not beyond(figure)


def test_without_intervals_and_without_rates():
    figure = breakdown_figure(table(GROUPS, with_intervals=False), "yaw")
    assert not any("intervals" in text for text in texts(figure))
    figure = breakdown_figure(table(GROUPS, rates=()), "yaw")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["EER"]


def test_columns_become_file_names(directory):
    yaw = table(GROUPS).tables["breakdown/yaw"]
    renamed = Result(tables={"breakdown/Age / group": yaw, "breakdown/refused": Table((), ())})
    assert set(write_figures(directory, None, renamed)) == {"breakdown_Age_group"}


def test_every_column_has_a_file_of_its_own(directory):
    yaw = table(GROUPS).tables["breakdown/yaw"]
    columns = ("a b", "a_b", "a_b_2", "A/B", "x" * 300)
    written = write_figures(directory, None, Result(tables={f"breakdown/{column}": yaw for column in columns}))
    assert list(written) == [
        "breakdown_a_b",
        "breakdown_a_b_2",
        "breakdown_a_b_2_2",
        "breakdown_A_B_3",
        f"breakdown_{'x' * 60}",
    ]
    assert all(path.is_file() for path in written.values())
