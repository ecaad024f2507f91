import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.numpy import save_file

from resemblance.comparison.comparable import differences
from resemblance.comparison.contestants import gathered
from resemblance.comparison.figures_of import read_replicates
from resemblance.comparison.reading import read_run, read_trial
from resemblance.comparison.settings_of import configuration_of
from resemblance.comparison.untouched import check_untouched
from resemblance.errors import DataError
from resemblance.tracking.run_record import configuration_hash
from tests.comparison.written import AUC, seal, write_run


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "run", "triplet", 3, {AUC: (0.9, np.linspace(0.8, 0.95, 50))})


def refused(path):
    """The sentence, which names the directory and is one."""
    with pytest.raises(DataError) as caught:
        read_run(path)
    told = str(caught.value)
    assert str(path) in told
    assert "\n" not in told
    assert told.endswith(".")
    return told


def test_a_run_is_read(run):
    read = read_run(run)
    assert (read.seed, read.path, read.name) == (3, run, "triplet-seed3")
    assert read.scalars[AUC].value == 0.9
    assert read.config["loss"]["mining"] == "semihard"
    assert read.record.device == "cpu"
    assert np.array_equal(read_replicates(read, [AUC, "test/other"])[AUC], np.linspace(0.8, 0.95, 50))


def test_a_run_without_replicates_has_none(tmp_path):
    assert read_replicates(read_run(write_run(tmp_path / "run")), [AUC]) == {}


def test_half_written(run):
    (run / "metrics.json").unlink()
    assert "half written" in refused(run)


def test_failed_with_its_reason_and_interrupted(run):
    (run / "metrics.json").unlink()
    (run / "failed.txt").write_text("The loss is no longer a number.\n\nTraceback …\n")
    assert "has failed: The loss is no longer a number." in refused(run)
    (run / "failed.txt").write_text("interrupted\n")
    assert "was interrupted" in refused(run)


def test_figures_that_were_written_stay_true_whatever_failed_after_them(run):
    (run / "failed.txt").write_text("interrupted\n")
    assert AUC in read_run(run).scalars


def test_without_a_record_and_of_another_format(run):
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**record, "format": 99}))
    assert "format 99" in refused(run)
    (run / "run.json").write_text("{")
    assert "damaged" in refused(run)
    (run / "run.json").unlink()
    assert "no run.json" in refused(run)


@pytest.mark.parametrize(
    "name", ["config.yaml", "metrics.json", "images.csv", "results.json", "replicates.safetensors"]
)
def test_edited(run, name):
    with (run / name).open("ab") as file:
        file.write(b"\n")
    assert f"was changed after the run: the checksum of {name}" in refused(run)


def test_a_figure_that_somebody_has_improved(run):
    metrics = json.loads((run / "metrics.json").read_text())
    metrics[AUC]["value"] = 0.99
    (run / "metrics.json").write_text(json.dumps(metrics))
    assert "was changed after the run" in refused(run)


def test_a_file_that_is_gone(run):
    (run / "images.csv").unlink()
    assert "lacks images.csv" in refused(run)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_figures_that_are_no_numbers(run, value):
    metrics = json.loads((run / "metrics.json").read_text())
    metrics[AUC]["value"] = value
    (run / "metrics.json").write_text(json.dumps(metrics))
    seal(run)
    assert f"'{AUC}' is {value}, not a number" in refused(run)


@pytest.mark.parametrize("text", ["", "{", "[]", "[1]", '{"a": 1}', '{"a": {"value": null}}', '{"a": {"value": "x"}}'])
def test_damaged_metrics(run, text):
    (run / "metrics.json").write_text(text)
    seal(run)
    assert "damaged" in refused(run)


@pytest.mark.parametrize("text", ["", "- 1\n", "a: [", "epochs: 1\n", "epochs: 1\nseed: one\n", "\x00"])
def test_damaged_configurations(run, text):
    (run / "config.yaml").write_text(text)
    seal(run)
    refused(run)


def test_damaged_replicates(run):
    (run / "replicates.safetensors").write_bytes(b"nothing")
    seal(run)
    read = read_run(run)
    with pytest.raises(DataError, match="damaged"):
        read_replicates(read, [AUC])


@pytest.mark.parametrize(
    "drawn",
    [[0.9, np.nan, 0.8], [0.9, np.inf], [[0.9, 0.8], [0.7, 0.6]], [], [0.9]],
    ids=["nan", "inf", "2d", "0", "1"],
)
def test_replicates_that_are_no_draws_of_a_figure(run, drawn):
    save_file({AUC: np.array(drawn, dtype=np.float64)}, run / "replicates.safetensors")
    seal(run)
    with pytest.raises(DataError, match=f"replicates of '{AUC}' (are not all numbers|have the shape)"):
        read_replicates(read_run(run), [AUC])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("value", True),
        ("value", 10**400),
        ("label", 3),
        ("counts", None),
        ("counts", []),
        ("counts", {"subjects": "x"}),
        ("counts", {"subjects": -1}),
        ("note", 5),
        ("method", ["t"]),
        ("low", "0.5"),
        ("high", float("nan")),
    ],
)
def test_figures_with_fields_of_another_kind(run, field, value):
    metrics = json.loads((run / "metrics.json").read_text())
    metrics[AUC][field] = value
    (run / "metrics.json").write_text(json.dumps(metrics))
    seal(run)
    assert f"the {field} of '{AUC}'" in refused(run)


@pytest.mark.parametrize("section", ["data", "protocol", "choices", "evaluation"])
@pytest.mark.parametrize("value", ["x", [1]])
def test_configurations_with_sections_that_are_none(run, section, value):
    config = yaml.safe_load((run / "config.yaml").read_text())
    (run / "config.yaml").write_text(yaml.safe_dump({**config, section: value}))
    seal(run)
    assert f"its '{section}' is no list of settings" in refused(run)


def test_settings_that_are_called_by_numbers(run):
    config = yaml.safe_load((run / "config.yaml").read_text())
    (run / "config.yaml").write_text(yaml.safe_dump({**config, "loss": {1: 2, "a": 3}}, sort_keys=False))
    seal(run)
    assert "damaged" in refused(run)


@pytest.mark.parametrize(
    "name",
    ["config.yaml", "metrics.json", "results.json", "images.csv", "replicates.safetensors", "embeddings.safetensors",
     "history.csv"],
)  # fmt: skip
def test_a_file_whose_checksum_somebody_has_removed(run, name):
    if not (run / name).exists():
        (run / name).write_text("what the run has written")
        seal(run)
    assert read_run(run).seed == 3
    record = json.loads((run / "run.json").read_text())
    del record["files"][name]
    (run / "run.json").write_text(json.dumps(record))
    assert f"run.json has no checksum of {name}" in refused(run)


def test_images_of_a_test_set_that_are_gone_from_the_record_too(run):
    (run / "images.csv").unlink()
    seal(run)
    assert "no checksum of images.csv" in refused(run)


def test_a_configuration_that_the_record_is_not_of(run):
    text = (run / "config.yaml").read_text()
    record = json.loads((run / "run.json").read_text())
    (run / "config.yaml").write_text(text.replace("mining: semihard", "mining: hard"))
    record["files"]["config.yaml"] = hashlib.sha256((run / "config.yaml").read_bytes()).hexdigest()
    (run / "run.json").write_text(json.dumps(record))
    assert "config.yaml is not the configuration that run.json is of" in refused(run)


@pytest.mark.parametrize("devices", ["auto", "1"])
def test_devices_become_a_number_after_the_hash_was_taken(run, devices):
    config = yaml.safe_load((run / "config.yaml").read_text())
    record = json.loads((run / "run.json").read_text())
    record["configuration"] = configuration_hash({**config, "trainer": {**config["trainer"], "devices": devices}})
    (run / "run.json").write_text(json.dumps(record))
    assert read_run(run).config["trainer"]["devices"] == 1


def test_images_of_lfw_are_found_after_the_hash_was_taken(tmp_path):
    settings = {"data._target_": "resemblance.data.lfw.LFW", "data.images": "published", "trainer.devices": 2}
    run = write_run(tmp_path / "run", settings=settings)
    config = yaml.safe_load((run / "config.yaml").read_text())
    record = json.loads((run / "run.json").read_text())
    composed = {"data": {**config["data"], "images": None}, "trainer": {**config["trainer"], "devices": "auto"}}
    (run / "run.json").write_text(json.dumps({**record, "configuration": configuration_hash({**config, **composed})}))
    assert read_run(run).config["data"]["images"] == "published"
    (run / "run.json").write_text(json.dumps({**record, "configuration": configuration_hash({**config, "data": {}})}))
    assert "config.yaml is not the configuration that run.json is of" in refused(run)


def test_a_file_that_may_not_be_read(run, monkeypatch):
    opens = Path.open

    def denied(self, *arguments, **settings):
        if self.name == "metrics.json":
            raise PermissionError(13, "Permission denied", str(self))
        return opens(self, *arguments, **settings)

    monkeypatch.setattr(Path, "open", denied)  # who is root may read everything
    assert "permission" in refused(run).lower()


def test_files_that_no_conclusion_rests_on_are_checked_by_who_reads_them(run):
    (run / "embeddings.safetensors").write_bytes(b"vectors")
    record = json.loads((run / "run.json").read_text())
    record["files"]["embeddings.safetensors"] = "0" * 64
    (run / "run.json").write_text(json.dumps(record))
    read = read_run(run)
    with pytest.raises(DataError, match=r"embeddings\.safetensors"):
        check_untouched(read.path, read.record, ["embeddings.safetensors"])


def test_trials_are_told_apart(tmp_path):
    assert read_trial(write_run(tmp_path / "trial", settings={"measure_test": False}))
    assert not read_trial(write_run(tmp_path / "run"))
    assert not read_trial(tmp_path / "nowhere")


@pytest.fixture
def evaluation(run, tmp_path):
    """Of the run's checkpoint on other people."""
    path = write_run(tmp_path / "evaluation", figures={AUC: 0.7})
    config = {
        "checkpoint": str(run),
        "data": {"_target_": "resemblance.data.lfw.LFW", "image_size": 64},
        "protocol": {"verification": {"fars": [0.01]}},
        "evaluation": {"batch_size": 256, "flip_average": False},
        "rehearsal": False,
        "choices": {"data": "lfw", "loss": "triplet"},
        "name": "triplet-seed3-data=lfw",
        "logger": {"kind": "none"},
    }
    (path / "config.yaml").write_text(yaml.safe_dump(config))
    seal(path)
    return path


def test_an_evaluation_has_the_settings_and_the_seed_of_its_training(run, evaluation):
    read = read_run(evaluation)
    assert read.seed == 3
    assert read.config["loss"] == read_run(run).config["loss"]
    assert read.config["choices"]["data"] == "lfw"
    assert read.config["data"]["_target_"].endswith("LFW")
    assert read.config["trained_on"]["_target_"].endswith("RenderedFaces")
    assert read.config["evaluation"]["flip_average"] is False
    assert read.scalars[AUC].value == 0.7
    assert read.scalars["train/seconds"].value == 80.5


def changed(evaluation, **settings):
    config = yaml.safe_load((evaluation / "config.yaml").read_text())
    (evaluation / "config.yaml").write_text(yaml.safe_dump({**config, **settings}))
    seal(evaluation)
    return read_run(evaluation)


def test_an_evaluation_of_a_checkpoint_file(run, evaluation):
    plain = read_run(evaluation)
    usual = {"similarity": "auto", "invalid": "refuse"}
    tested = changed(evaluation, checkpoint=str(run / "checkpoints" / "best.ckpt"), **usual)
    assert tested.seed == 3
    assert configuration_of(tested) == configuration_of(plain), "what its training tested by itself"


@pytest.mark.parametrize(("name", "value"), [("checkpoint", "last"), ("similarity", "cosine"), ("invalid", "exclude")])
def test_what_is_measured_otherwise_makes_another_contestant(run, evaluation, name, value):
    plain = read_run(evaluation)
    found = changed(evaluation, **{name: str(run / "checkpoints" / "last.ckpt") if name == "checkpoint" else value})
    assert found.config["evaluation"][name] == value
    contestants = gathered([plain, found]).contestants
    other = f"triplet (mining=semihard, evaluation.{name}={value})"
    assert [one.name for one in contestants] == ["triplet (mining=semihard)", other]
    told = f"evaluation differs: {name}=- (triplet (mining=semihard)); {name}={value} ({other})."
    assert told in differences(contestants)


def test_where_data_lie_makes_no_other_training(run, evaluation):
    trained = read_run(run).config["data"]
    found = changed(evaluation, data={**trained, "cache_dir": "/elsewhere", "root": "/moved"})
    assert "trained_on" not in found.config
    found = changed(evaluation, data={**trained, "test_identities": 7})
    assert found.config["trained_on"] == {name: value for name, value in trained.items() if name != "cache_dir"}


def test_an_evaluation_of_a_training_that_has_not_ended(run, evaluation):
    (run / "metrics.json").unlink()
    told = refused(evaluation)
    assert f"measures a checkpoint of '{run}', a training that has not ended" in told


def test_an_evaluation_whose_training_is_gone_or_is_none_of_ours(run, evaluation):
    shutil.rmtree(run)
    assert "not there (any more)" in refused(evaluation)
    config = yaml.safe_load((evaluation / "config.yaml").read_text())
    (evaluation / "config.yaml").write_text(yaml.safe_dump({**config, "checkpoint": None, "embeddings": "x.npz"}))
    seal(evaluation)
    assert "measures no training of ours" in refused(evaluation)
