import pytest

from resemblance.errors import ConfigurationError
from resemblance.tracking.wandb_about import job_type_of, tags_of, wandb_mode
from resemblance.tracking.wandb_artifact import artifact_name
from tests.helpers import composed


@pytest.mark.parametrize(
    ("overrides", "miners"),
    [
        (["loss=cosface"], []),
        (["loss=triplet"], ["mining=semihard"]),
        (["loss=triplet", "loss.mining=hard"], ["mining=hard"]),
        (["loss=pml"], []),
        (["loss=pml", "loss.miner=TripletMarginMiner"], ["miner=TripletMarginMiner"]),
        (["loss=pml", "loss.miner={name: AngularMiner, args: {angle: 20}}"], ["miner=AngularMiner"]),
    ],
)
def test_a_miner_is_a_tag_where_the_loss_has_one(overrides: list[str], miners: list[str]) -> None:
    config = composed(*overrides)
    found = tags_of({**config, "loss": dict(config.loss)}, ["mine", "tiny"])
    loss = overrides[0].partition("=")[2]
    assert list(found) == ["mine", "tiny", "rendered_faces", loss, *miners]


def test_tags_are_of_a_length_that_wandb_takes() -> None:
    assert [len(tag) for tag in tags_of({}, ["x" * 100])] == [64]


def test_a_trial_is_called_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert job_type_of({"measure_test": True}) == job_type_of({}) == "train"
    assert job_type_of({"measure_test": False}) == "tune"
    monkeypatch.setenv("WANDB_SWEEP_ID", "abcd1234")
    assert job_type_of({"measure_test": True}) == "tune"


def test_a_run_of_a_wandb_sweep_is_online_unless_somebody_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wandb_mode(None) == "offline"
    monkeypatch.setenv("WANDB_SWEEP_ID", "abcd1234")
    assert wandb_mode(None) == "online"
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert wandb_mode(None) == "offline"
    assert wandb_mode("disabled") == "disabled"
    with pytest.raises(ConfigurationError, match="not 'never'"):
        wandb_mode("never")


def test_names_of_artifacts_hold_what_wandb_takes() -> None:
    assert artifact_name("rendered_faces-tiny-größe=3+x/y") == "rendered_faces-tiny-gr_e_3_x_y"
    assert len(artifact_name("x" * 300)) == 128
