import pytest

from resemblance.comparison.asking import DEFAULTS, asked_figures, resolved
from resemblance.errors import ConfigurationError

AUC = "test/verification/auc"
KNOWN = (
    "val/verification/auc",
    AUC,
    "test/verification_cosine/auc",
    "test/pairs/auc",
    "test/pairs/accuracy",
    "test/identification/rank_1",
    "test/a/x",
    "test/b/x",
)


def test_of_the_usual_figures_those_that_some_run_has():
    assert resolved(asked_figures(None), (*KNOWN, *DEFAULTS)) == DEFAULTS
    assert resolved(asked_figures(None), KNOWN) == {AUC: 0.005, "test/identification/rank_1": 0.02}


def test_where_no_run_has_a_usual_figure_those_that_there_are_are_told():
    with pytest.raises(ConfigurationError, match=r"unasked .*; name some with figures=, there are: test/pairs/auc\."):
        resolved(asked_figures(None), ["test/pairs/auc", "test/pairs/threshold", "train/seconds"])
    with pytest.raises(ConfigurationError, match="but there are none of a test set"):
        resolved(asked_figures(None), ["train/seconds"])


def test_a_usual_figure_that_is_asked_for_must_be_there_as_any_other():
    with pytest.raises(ConfigurationError, match="No run has a figure 'test/verification/eer'"):
        resolved(asked_figures(["test/verification/eer"]), KNOWN)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("auc", {"test/verification/auc": 0.005}),
        (["pairs/auc", "rank_1"], {"test/pairs/auc": 0.005, "test/identification/rank_1": 0.02}),
        (["accuracy"], {"test/pairs/accuracy": 0.02}),
        (["val/verification/auc"], {"val/verification/auc": 0.005}),
        ({"test/pairs/auc": 0.1, "rank_1": None}, {"test/pairs/auc": 0.1, "test/identification/rank_1": 0.02}),
        ({"auc": 1}, {"test/verification/auc": 1.0}),
    ],
)
def test_figures_by_their_keys_or_the_ends_of_them(asked, found):
    assert resolved(asked_figures(asked), KNOWN) == found


@pytest.mark.parametrize(
    "asked",
    [[], {}, 3, [1], [None], {"auc": 0}, {"auc": "x"}, {"auc": True}, {"auc": float("nan")}, {"auc": float("inf")}],
)
def test_what_is_no_figure(asked):
    with pytest.raises(ConfigurationError, match="figures"):
        asked_figures(asked)


@pytest.mark.parametrize(
    ("asked", "told"), [("x", "fits several figures: test/a/x, test/b/x"), ("nothing", "No run has a figure 'nothing'")]
)
def test_names_that_fit_no_figure_or_several(asked, told):
    with pytest.raises(ConfigurationError, match=told):
        resolved(asked_figures([asked]), KNOWN)


@pytest.mark.parametrize(
    "key",
    ["test/pairs/threshold", "train/parameters", "train/loss_parameters", "train/images", "train/genuine_similarity"],
)
def test_figures_of_which_neither_more_nor_less_is_better(key):
    with pytest.raises(ConfigurationError, match=f"'{key}' in figures= can't be compared"):
        resolved(asked_figures([key]), [*KNOWN, key])


@pytest.mark.parametrize("key", ["train/images_per_second", "train/seconds", "train/peak_memory_mb"])
def test_cost_that_is_better_one_way_can_be_compared(key):
    assert list(resolved(asked_figures([key]), [*KNOWN, key])) == [key]


def test_a_part_of_a_name_is_answered_with_what_it_is_a_part_of():
    there = ["test/verification/eer", "test/verification/tar_at_far_1e_2", "test/verification/tar_at_far_1e_3"]
    with pytest.raises(ConfigurationError, match="did you mean 'test/verification/tar_at_far_1e_2' or '.*_1e_3'"):
        resolved({"tar": None}, there)
