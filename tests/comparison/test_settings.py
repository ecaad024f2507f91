import pytest

from resemblance.comparison.settings import checked
from resemblance.errors import ConfigurationError


@pytest.mark.parametrize(
    ("runs", "paths"), [("a", ("a",)), (3, ("3",)), (2024.01, ("2024.01",)), (["a", 2, 2024.5], ("a", "2", "2024.5"))]
)
def test_folders_may_be_called_by_numbers(runs, paths):
    assert checked({"runs": runs}).runs == paths


@pytest.mark.parametrize("runs", [None, [], "", " ", True, ["a", ""], ["a", None], [["a"]], {"a": 1}, [True]])
def test_what_names_no_runs(runs):
    with pytest.raises(ConfigurationError, match="Say which runs to compare"):
        checked({"runs": runs})


@pytest.mark.parametrize("formats", [5, {"csv": 1}, ["pdf"], [["csv"]], "pdf", True])
def test_what_is_no_format(formats):
    with pytest.raises(ConfigurationError, match="format"):
        checked({"runs": "a", "formats": formats})


@pytest.mark.parametrize("logger", ["wandb", {"kind": "x"}, [1]])
def test_what_is_no_logger(logger):
    with pytest.raises(ConfigurationError, match="can't be logged to"):
        checked({"runs": "a", "logger": logger})


def test_an_infinite_difference_is_none():
    with pytest.raises(ConfigurationError, match="δ of 'auc' in figures= is inf"):
        checked({"runs": "a", "figures": {"auc": float("inf")}})
