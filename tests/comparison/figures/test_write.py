from dataclasses import replace

import pytest
from PIL import Image

from resemblance.comparison.evidence.looks import looks_of
from resemblance.comparison.figures import differences_figure, leaderboard_figure, write_figures
from resemblance.comparison.study import Ranks
from resemblance.comparison.studying import study_of
from tests.comparison.pictured import write_pictured_study
from tests.comparison.test_shown import findings_of
from tests.comparison.written import write_run


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    return study_of(write_pictured_study(folder, {"cosface": 2.9, "triplet": 2.5}, seeds=2))


def test_every_figure_of_a_study_is_written(study, tmp_path):
    names = [one.name for one in study.test_sets[0].contestants]
    groups = (tuple(names),)
    ranks = Ranks(
        "test/verification/auc", "AUC", tuple("abcde"), dict(zip(names, (1.2, 1.8), strict=True)), 0.9, 0.2, groups
    )
    first = study.test_sets[0]
    short = replace(study, test_sets=(replace(first, findings=first.findings[:1]),), ranks=(ranks,))
    written = write_figures(short, tmp_path / "figures")
    assert list(written) == ["leaderboard_auc", "differences_auc", "roc", "cost", "ranks_auc"]
    for path in written.values():
        with Image.open(path) as picture:
            assert picture.width == 1050  # seven inches
            assert len(picture.convert("RGB").getcolors(100_000)) > 50


def test_a_study_of_little_has_few_figures(tmp_path):
    write_run(tmp_path / "runs" / "1", figures={"test/verification/auc": 0.9}, scalars={})
    written = write_figures(study_of(tmp_path / "runs"), tmp_path / "figures")
    assert list(written) == ["leaderboard_auc", "cost"]


def test_marks_lie_where_the_figures_are(study):
    test_set = study.test_sets[0]
    findings = test_set.findings[0]
    axes = leaderboard_figure(findings, test_set, looks_of(study)).axes[0]
    drawn = [tuple(map(float, line.get_xdata())) for line in axes.lines]
    for standing in findings.standings:
        assert (standing.mean,) in drawn
        assert standing.values in drawn
        assert (standing.over_seeds.low, standing.over_seeds.high) in drawn
        assert (standing.over_subjects.low, standing.over_subjects.high) in drawn
    axes = differences_figure(findings, test_set).axes[0]
    one = findings.differences[0]
    assert (one.low, one.high) in [tuple(map(float, line.get_xdata())) for line in axes.lines]
    with pytest.raises(ValueError, match="no pair"):
        differences_figure(replace(findings, differences=()), test_set)


def names_of(figure):
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_names_of_pairs_stand_on_one_line_unbroken(study):
    findings = study.test_sets[0].findings[0]
    one = replace(findings.differences[0], first="cosface (optimizer.weight_decay=0.0005)", second="a $loss$")
    figure = differences_figure(replace(findings, differences=(one,)), study.test_sets[0])
    assert names_of(figure) == [r"cosface (optimizer.weight_decay=0.0005) − a \$loss\$"]


def test_of_very_many_pairs_few_are_drawn(study):
    figure = differences_figure(findings_of(100), study.test_sets[0])
    assert len(names_of(figure)) == 45
    assert figure.get_size_inches()[1] < 15
    assert "4,905 more are in differences.csv" in figure.axes[0].texts[0].get_text().replace("\n", " ")


def test_names_that_differ_in_signs_only_have_files_of_their_own(study, tmp_path):
    first = replace(study.test_sets[0], findings=(), contestants=study.test_sets[0].contestants[:1])
    sets = tuple(replace(first, name=name) for name in ("lfw+view", "lfw-view", "lfw view"))
    written = write_figures(replace(study, test_sets=sets), tmp_path)
    assert list(written) == ["lfw_view_roc", "lfw_view_roc_2", "lfw_view_roc_3"]
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.png" for name in written}
