"""A checkpoint whose configuration is incomplete or somebody else's ends in one sentence, wherever it is used."""

import copy

import pytest
import torch

from resemblance.errors import ConfigurationError, DataError
from resemblance.evaluating.checkpoint_run import open_checkpoint
from tests.evaluating.embedded_people import run


@pytest.fixture(scope="module")
def contents(trained):
    return torch.load(trained.directory / "checkpoints" / "best.ckpt", weights_only=True)


@pytest.fixture
def saved(contents, tmp_path):
    def save(change):
        changed = copy.deepcopy(contents)
        change(changed["resemblance"])
        torch.save(changed, tmp_path / "changed.ckpt")
        return tmp_path / "changed.ckpt"

    return save


def put(value, *keys):
    def change(about):
        for key in keys[:-1]:
            about = about[key]
        about[keys[-1]] = value

    return change


REQUIRED = ["seed", "embedding_size", "backbone", "neck", "loss", "data", "protocol", "choices", "rehearsal"]


@pytest.mark.parametrize("key", [*REQUIRED, "evaluation"])
def test_what_is_missing_is_named(saved, tmp_path, key):
    path = saved(lambda about: about["config"].pop(key))
    with pytest.raises(DataError, match=rf"lacks 'config.{key}'; it was perhaps written by another version") as refusal:
        run(tmp_path / "run", f"checkpoint={path}")
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (put("x", "config", "data"), r"has 'x' as 'config.data', which should be a valid dictionary"),
        (put({}, "config", "data"), "as 'config.data'"),
        (put({"root": "x"}, "config", "data"), "names None as the _target_ of 'data'"),
        (put({"_target_": "resemblance.losses.TripletLoss"}, "config", "data"), "part in resemblance.data"),
        (put({"_target_": "resemblance.data.faces.FaceDataset"}, "config", "data"), "_target_ of 'data'"),
        (
            put({"a": {"_target_": "resemblance.data.rendered.RenderedFaces"}}, "config", "protocol"),
            "RenderedFaces' as the _target_ of 'protocol.a', which should be a part in resemblance.protocols;",
        ),
        (put({"a": {"_target_": "resemblance.protocols.run_protocols"}}, "config", "protocol"), "'protocol.a'"),
        (put({"a": {}}, "config", "protocol"), "as 'config.protocol.a'"),
        (put(["faces"], "config", "protocol"), "as 'config.protocol'"),
        (put({"_target_": "resemblance.models.FaceNetwork"}, "config", "backbone"), "can't be rebuilt"),
        (put("yes", "config", "evaluation", "flip_average"), "'yes' as 'config.evaluation.flip_average'"),
        (put("../x", "config", "selection", "rule"), "'config.selection.rule', which should be 'best' or 'last'"),
        (put(["x"], "config", "group"), "as 'config.group'"),
        (put("64", "image_size"), "'64' as 'image_size'"),
        (put(10**6, "image_size"), "1000000 as 'image_size'"),
        (put("names", "trained_identities"), "trained_identities that are no hashes"),
    ],
)
def test_what_is_of_another_kind_is_named(saved, tmp_path, change, sentence):
    with pytest.raises(DataError, match=sentence) as refusal:
        run(tmp_path / "run", f"checkpoint={saved(change)}")
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "run").exists()


def test_what_lies_outside_of_the_package_is_refused_as_ever(saved, tmp_path):
    path = saved(put({"_target_": "os.system", "command": "false"}, "config", "data"))
    with pytest.raises(ConfigurationError, match="can't be built from a configuration"):
        run(tmp_path / "run", f"checkpoint={path}")


def test_what_an_older_version_has_not_written_is_not_missed(saved):
    def older(about):
        for key in ("group", "name", "selection", "memory"):
            about["config"].pop(key, None)
        about.pop("trained_identities", None)

    assert open_checkpoint(saved(older)).path.name == "changed.ckpt"
