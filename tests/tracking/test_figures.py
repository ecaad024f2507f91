from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import torch
from PIL import Image

from resemblance.results import Curve, Result, Table
from resemblance.tracking.breakdown import rate_of_key
from resemblance.tracking.figures import (
    Samples,
    cmc_figure,
    det_figure,
    roc_figure,
    sample_sheet,
    score_histogram_figure,
    write_figures,
)
from resemblance.tracking.run_directory import RunDirectory
from tests.tracking.figures.reading import texts


def samples(size: int = 8) -> Samples:
    images = torch.arange(12, dtype=torch.uint8).view(12, 1, 1, 1).expand(12, 3, size, size) * 20
    return Samples(images, torch.tensor([0] * 7 + [1] * 3 + [2] * 2), ["anna", "bert", "carla"])


def test_every_figure_is_written_as_png(directory: RunDirectory, untrained: Result, trained: Result) -> None:
    pairs = replace(trained, curves={**trained.curves, "pairs/roc": trained.curves["verification/roc"]})
    paths = write_figures(directory, untrained, pairs, samples())
    assert set(paths) == {"roc", "det", "pairs_roc", "pairs_det", "scores", "cmc", "samples"}
    for path in paths.values():
        with Image.open(path) as image:
            image.load()
            assert image.format == "PNG"
            assert image.width >= 600


def test_what_was_not_measured_is_left_out(directory: RunDirectory) -> None:
    assert write_figures(directory, Result(), Result()) == write_figures(directory, None, Result()) == {}


def test_the_roc_shows_both_networks_on_a_log_axis_from_the_smallest_rate(untrained: Result, trained: Result) -> None:
    figure = roc_figure(untrained, trained)
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    assert axes.get_xlim() == (1e-5, 1)
    shown = texts(figure)
    assert {"trained, AUC 0.950", "untrained, AUC 0.600", "chance", "72 %", "65.6 %"} <= set(shown)
    assert "100 identities, 6,600 genuine and 712,800 impostor comparisons" in shown
    assert "false accept rate (log scale)\nhollow: fewer than 30 errors" in shown
    points = {float(line.get_xdata()[0]): line for line in axes.lines if line.get_marker() == "o"}  # type: ignore[index]
    assert set(points) == {1e-2, 1e-3}
    assert points[1e-3].get_markerfacecolor() == "white", "thinly supported, so hollow"
    assert points[1e-2].get_markerfacecolor() != "white"


def test_the_curve_drawn_is_the_curve_measured(untrained: Result, trained: Result) -> None:
    (axes,) = roc_figure(untrained, trained).axes
    measured = trained.curves["verification/roc"]
    assert any(np.array_equal(line.get_ydata(), measured.y) for line in axes.lines)


def test_figures_do_without_an_untrained_network(trained: Result) -> None:
    for draw in (roc_figure, det_figure, cmc_figure, score_histogram_figure):
        for nothing in (None, Result()):
            shown = texts(draw(nothing, trained))
            assert not any("trained" in text for text in shown)


def test_the_cmc_begins_at_rank_one(untrained: Result, trained: Result) -> None:
    shown = texts(cmc_figure(untrained, trained))
    assert {"trained, rank-1 63 %", "untrained, rank-1 14 %"} <= set(shown)
    assert "100 identities, 1,100 probes against a gallery of 100" in shown


def test_the_rank_one_interval_stands_beside_the_figure_and_the_band_around_the_curve(trained: Result) -> None:
    rank_1 = replace(trained.scalars["identification/rank_1"], low=0.55, high=0.7)
    curve = trained.curves["identification/cmc"]
    band = {f"identification/cmc_{end}": replace(curve, y=tuple(y + move for y in curve.y))
            for end, move in (("low", -0.08), ("high", 0.07))}  # fmt: skip
    figure = cmc_figure(
        None,
        replace(
            trained,
            scalars={**trained.scalars, "identification/rank_1": rank_1},
            curves={**trained.curves, **band},
        ),
    )
    (axes,) = figure.axes
    assert {"rank-1 63.0 % (55.0–70.0)", "rank; 95 % band over subjects"} <= set(texts(figure))
    assert len(axes.collections) == 1
    assert axes.get_ylim()[0] == 0, "so that two runs can be compared by eye"
    (interval,) = [line for line in axes.lines if line.get_gid() == "interval"]
    assert list(interval.get_ydata()) == [0.55, 0.7]


def test_scores_name_the_similarity_and_each_panel_has_its_own_range(untrained: Result, trained: Result) -> None:
    needle = Curve((0.990, 0.991, 0.992, 0.993), (1.0, 5.0, 2.0, 0.0), "cosine", "density")
    curves = {"verification/genuine_scores": needle, "verification/impostor_scores": needle}
    figure = score_histogram_figure(replace(untrained, curves=curves), trained)
    assert {"genuine", "impostor", "untrained", "trained", "EER 5 %"} <= set(texts(figure))
    assert "comparison score: cosine; each panel has its own range" in texts(figure)
    above, below = (axes.get_xlim() for axes in figure.axes)
    assert 0.98 < above[0] < above[1] < 1
    assert below[0] < -0.9


def test_thresholds_stand_where_they_lie_each_name_above_the_next_line(trained: Result) -> None:
    table = Table(("target_far", "threshold"), ((0.1, 0.2), (0.01, 0.5), (0.001, 7.0)))
    figure = score_histogram_figure(None, replace(trained, tables={"verification/calibration": table}))
    shown = texts(figure)
    assert {"FAR 10 %", "FAR 1 %"} <= set(shown)
    assert "FAR 0.1 %" not in shown, "it lies outside of all scores"
    lines = {float(line.get_xdata()[0]): line.get_ydata()[1] for line in figure.axes[0].lines if line.get_ls() == "--"}  # type: ignore[index]
    assert list(lines) == [0.2, 0.5]
    assert lines[0.5] < lines[0.2]
    assert any("thresholds that validation identities chose" in text for text in shown)


def test_a_network_that_maps_all_faces_to_one_point_is_drawn(trained: Result) -> None:
    spike = Curve((0.9, 1.0, 1.1), (0.0, 10.0, 0.0), "cosine", "density")
    flat = Curve((0.5, 1.0), (0.0, 1.0), "FAR", "TAR")
    collapsed = replace(
        trained,
        curves={
            "verification/genuine_scores": spike,
            "verification/impostor_scores": spike,
            "verification/roc": flat,
            "identification/cmc": Curve((1.0,), (0.0,), "rank", "rate"),
        },
    )
    for draw in (roc_figure, det_figure, cmc_figure, score_histogram_figure):
        draw(collapsed, collapsed).draw_without_rendering()


def test_the_sheet_has_a_row_for_each_identity_and_every_pixel() -> None:
    figure = sample_sheet(samples(), rows=2, columns=4)
    shown = texts(figure)
    assert {"anna", "bert", "2 of 3 identities, 12 images in all"} <= set(shown)
    assert "carla" not in shown
    (axes,) = figure.axes
    sheet = np.asarray(axes.images[0].get_array())
    cell = 8 * 12  # 8 pixels, enlarged to 96
    assert sheet.shape == (2 * cell + 6, 4 * cell + 3 * 6, 3)
    assert [int(sheet[0, column * (cell + 6), 0]) for column in range(4)] == [0, 20, 40, 60]
    assert [int(sheet[-1, column * (cell + 6), 0]) for column in range(4)] == [140, 160, 180, 255]


def test_drawing_leaves_global_settings_alone(untrained: Result, trained: Result) -> None:
    before = dict(mpl.rcParams)
    roc_figure(untrained, trained)
    assert dict(mpl.rcParams) == before


def test_the_same_result_gives_the_same_bytes(tmp_path: Path, untrained: Result, trained: Result) -> None:
    first, second = (write_figures(RunDirectory(tmp_path / name), untrained, trained) for name in ("a", "b"))
    for name in first:
        assert first[name].read_bytes() == second[name].read_bytes()


@pytest.mark.parametrize(("key", "rate"), [("1e_3", 1e-3), ("2_5e_2", 0.025), ("1e_10", 1e-10)])
def test_rates_in_keys(key: str, rate: float) -> None:
    assert rate_of_key(key) == pytest.approx(rate)
