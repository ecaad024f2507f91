import pytest

from resemblance.results import Result, Scalar, Table
from resemblance.tracking.calibration import calibration_sentence
from resemblance.tracking.figures import calibration_figure
from tests.tracking.figures.reading import beyond, intervals, overlapping, points, texts

COLUMNS = ("target_far", "threshold", "test_far", "test_tar", "impostor_errors")
ENDS = ("test_far_low", "test_far_high", "test_tar_low", "test_tar_high")


def result(*rows, columns=(*COLUMNS, *ENDS)):
    counts = {"subjects": 3832, "genuine": 192783, "impostor": 39470088}
    return Result(
        {"verification/auc": Scalar(0.9, "AUC", counts)}, tables={"verification/calibration": Table(columns, rows)}
    )


ROWS = (
    (0.1, 0.2, 0.104, 0.97, 7400, 0.09, 0.12, 0.9, 0.99),
    (0.01, 0.5, 0.02, 0.8, 1400, 0.01, 0.03, 0.7, 0.85),
    (0.001, 0.7, 0.0004, 0.5, 20, 0.0001, 0.002, 0.4, 0.6),
)


def test_points_intervals_and_factors_on_log_axes():
    figure = calibration_figure(result(*ROWS))
    (axes,) = figure.axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert [(point.get_xdata()[0], point.get_ydata()[0]) for point in points(axes)] == [
        (0.1, 0.104),
        (0.01, 0.02),
        (0.001, 0.0004),
    ]
    assert [point.get_markerfacecolor() == "white" for point in points(axes)] == [False, False, True]
    assert [tuple(bar.get_ydata()) for bar in intervals(axes)] == [(0.09, 0.12), (0.01, 0.03), (0.0001, 0.002)]
    shown = texts(figure)
    assert {"10.4 %: as chosen", "2 %: 2 × the target", "0.04 %: 0.4 × the target"} <= set(shown)
    assert any("hollow: under 30 errors" in text for text in shown)
    diagonal = next(line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_gid() is None)
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata())
    assert not overlapping(figure)
    assert not beyond(figure)


def test_no_false_accept_is_drawn_on_the_edge():
    figure = calibration_figure(result((0.001, 0.7, 0.0, 0.5, 0, 0.0, 0.03, 0.4, 0.6)))
    (axes,) = figure.axes
    (point,) = points(axes)
    assert point.get_ydata()[0] == axes.get_ylim()[0] > 0
    assert "none" in texts(figure)
    assert not overlapping(figure)


def test_nothing_but_no_false_accepts_and_no_intervals():
    figure = calibration_figure(result((0.001, 0.7, 0.0, 0.5, 0), columns=COLUMNS))
    assert not intervals(figure.axes[0])
    assert not any("intervals" in text for text in texts(figure))


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            ROWS,
            "Thresholds chosen on validation identities for FAR 10 %, 1 %, 0.1 % give 10.4 %, 2 %, 0.04 % (20 of "
            "50,000) on the test identities: 1.0 ×, 2.0 ×, 0.4 × the target.",
        ),
        (
            ROWS[:1],
            "The threshold chosen on validation identities for FAR 10 % gives 10.4 % on the test identities: 1.0 × the "
            "target.",
        ),
        (
            ((0.1, 0, 0.0, 1, 0, 0, 0, 0, 0),),
            "The threshold chosen on validation identities for FAR 10 % gives 0 % (none of 50,000) on the test "
            "identities: 0 × the target.",
        ),
    ],
)
def test_every_threshold_is_told_with_the_number_of_few_false_accepts(rows, sentence):
    table = result(*rows).tables["verification/calibration"]
    assert calibration_sentence(table, 50_000) == sentence
    assert ("false accepts)" in calibration_sentence(table)) == ("50,000" in sentence)
