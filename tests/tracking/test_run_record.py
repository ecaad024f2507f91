import json
from dataclasses import replace

import pytest

from resemblance.config import to_plain
from resemblance.errors import DataError
from resemblance.tracking.run_record import RunRecord, configuration_hash, read_record
from tests.helpers import RECORD, composed


def test_what_is_written_is_read(tmp_path):
    record = replace(RECORD.on("cpu"), overrides=("loss=angular",), files={"config.yaml": "ab"})
    (tmp_path / "run.json").write_text(record.to_json())
    assert read_record(tmp_path) == record


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "has no run.json"),
        ("{", "damaged"),
        ("[]", "damaged"),
        (json.dumps({"format": 1}), "damaged: it lacks 'configuration'"),
        (RECORD.to_json().replace("0123456789ab", "\\udcfc"), "damaged or not one of ours"),
        (replace(RECORD, format=99).to_json(), r"format 99, and this version reads format 1"),
    ],
)
def test_a_record_that_can_not_be_read_is_told_in_one_sentence(tmp_path, text, told):
    if text is not None:
        (tmp_path / "run.json").write_text(text)
    with pytest.raises(DataError, match=told) as raised:
        read_record(tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("files", None),
        ("files", ["config.yaml"]),
        ("files", {"config.yaml": 3}),
        ("software", "torch"),
        ("software", {"torch": 2.14}),
        ("threads", "x"),
        ("threads", True),
        ("threads", None),
        ("version", None),
        ("code", 5),
        ("device", 5),
        ("overrides", [1]),
        ("overrides", "seed=1"),
        ("configuration", 12),
    ],
)
def test_a_field_of_another_kind_is_named(tmp_path, field, value):
    (tmp_path / "run.json").write_text(json.dumps({**json.loads(RECORD.to_json()), field: value}))
    with pytest.raises(DataError, match=f"its '{field}' is"):
        read_record(tmp_path)


def test_a_field_that_is_gone_is_named_without_the_rest_of_the_record(tmp_path):
    record = json.loads(RECORD.to_json())
    del record["threads"]
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(DataError, match=r"is damaged: it lacks 'threads'; restore it, or run that training again\.$"):
        read_record(tmp_path)


def test_the_hash_knows_what_changes_a_figure():
    of = {name: configuration_hash(to_plain(composed(*overrides))) for name, overrides in CONFIGURATIONS.items()}
    assert of["default"] == of["elsewhere"] == of["another cache"] == of["the default said aloud"]
    assert len({of["default"], of["seed"], of["loss"], of["margin"], of["epochs"], of["data"]}) == 6
    assert of["a benchmark"] == of["the benchmark elsewhere"]
    assert of["a benchmark"] != of["images that were chosen"]
    assert of["a folder"] != of["another folder"], "the folder is the data set"


CONFIGURATIONS = {
    "default": [],
    "elsewhere": ["output_dir=elsewhere", "logger=none"],
    "another cache": ["data.cache_dir=null"],
    "the default said aloud": ["loss=cosface", "epochs=9"],
    "seed": ["seed=1"],
    "loss": ["loss=angular"],
    "margin": ["loss.margin=0.21"],
    "epochs": ["epochs=8"],
    "data": ["data.train_identities=400"],
    "a benchmark": ["data=lfw", "data.root=/a"],
    "the benchmark elsewhere": ["data=lfw", "data.root=/b"],
    "images that were chosen": ["data=lfw", "data.images=aligned"],
    "a folder": ["data=folder", "data.root=/a"],
    "another folder": ["data=folder", "data.root=/b"],
}


def test_a_record_without_files_is_complete():
    assert RunRecord("0", "0.1.0", None, {}, threads=1).files == {}


OF_LFW = {"_target_": "resemblance.data.lfw.LFW", "root": None, "crop": 96, "seed": 0}


def test_trainings_are_known_by_the_hash_that_they_had_before_images_could_be_chosen():
    config = {"seed": 1, "epochs": 10, "loss": {"margin": 1.41, "normalized": True}, "output_dir": "x"}
    for data in (OF_LFW, {**OF_LFW, "images": None}):
        assert configuration_hash({**config, "data": data}) == "d7655f5d3c2f"
