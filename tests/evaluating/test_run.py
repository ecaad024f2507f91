"""Evaluations as function calls: a checkpoint, somebody else's network, a file of embeddings."""

import csv
import hashlib
import json
import shutil
import sys

import numpy as np
import pytest
import torch
from hydra.utils import instantiate
from safetensors.torch import save_file

from resemblance import checkpoints
from resemblance.comparison.studying import study_of
from resemblance.data.name_hash import name_digests
from resemblance.errors import ConfigurationError, DataError, OutputError
from resemblance.tracking.reading import read_embeddings, read_metrics, read_results
from resemblance.tracking.run_record import read_record
from tests.evaluating.conftest import TRAINED
from tests.evaluating.embedded_people import run
from tests.helpers import composed

RENDERED = ("data=rendered_faces", "rehearsal=true")


@pytest.fixture
def people(tmp_path):
    """Twenty people with six embeddings each, two of which are broken where asked for."""

    def write(broken=0, **more):
        generator = np.random.default_rng(0)
        names = [f"P{person:02d}_{number:04d}" for person in range(20) for number in range(1, 7)]
        vectors = np.repeat(generator.normal(size=(20, 16)), 6, 0) + generator.normal(size=(120, 16))
        vectors[[5, 17][:broken]] = np.nan
        np.savez(tmp_path / "vectors.npz", names=np.array(names), emb=vectors, **more)
        return tmp_path / "vectors.npz", names

    return write


def test_people_who_were_trained_on_and_are_tested_are_told(tmp_path, trained):
    path = trained.directory / "checkpoints" / "best.ckpt"
    contents = checkpoints.read(path)
    record = contents[checkpoints.KEY]
    config = composed(*TRAINED)
    source = instantiate(config.data).rehearsal() if config.rehearsal else instantiate(config.data)
    assert torch.equal(record["trained_identities"], name_digests(source.train().identity_names))
    tested = source.test().identity_names
    record["trained_identities"] = name_digests([*tested[:3], "somebody else"])
    torch.save(contents, tmp_path / "other.ckpt")
    _, text = run(tmp_path / "run", f"checkpoint={tmp_path / 'other.ckpt'}")
    assert f"warning: 3 of the {len(tested)} test identities have names of identities" in " ".join(text.split())
    del record["trained_identities"]  # as in a checkpoint of an earlier version
    torch.save(contents, tmp_path / "old.ckpt")
    assert "test identities have names" not in run(tmp_path / "old", f"checkpoint={tmp_path / 'old.ckpt'}")[1]


def test_a_training_that_has_not_ended_is_told(tmp_path, trained):
    shutil.copytree(trained.directory, tmp_path / "killed")
    (tmp_path / "killed" / "metrics.json").unlink()
    _, text = run(tmp_path / "run", f"checkpoint={tmp_path / 'killed'}")
    assert "has not ended, and compare.py takes no evaluation of it" in " ".join(text.split())


def test_a_checkpoint_gives_the_figures_of_its_training(tmp_path, trained):
    found, text = run(tmp_path / "run", f"checkpoint={trained.directory}", "baseline=true", figures=True)
    assert found.test.scalars.keys() >= trained.trained.test.scalars.keys()
    for key, scalar in trained.trained.test.scalars.items():
        assert found.test.scalars[key] == scalar, key
    assert found.validation.scalars == trained.trained.validation.scalars
    assert found.baseline.scalars.keys() >= trained.baseline.test.scalars.keys()
    for key, scalar in trained.baseline.test.scalars.items():
        assert found.baseline.scalars[key].value == pytest.approx(scalar.value), key
    files = {str(file.relative_to(found.directory)) for file in found.directory.rglob("*") if file.is_file()}
    of_training = {str(file.relative_to(trained.directory)) for file in trained.directory.rglob("*") if file.is_file()}
    only_of_training = {"history.csv", "checkpoints/best.ckpt", "checkpoints/last.ckpt"}
    assert files == of_training - only_of_training
    assert "This was a rehearsal" in text
    assert "similarity negative_squared_l2 of unit vectors" in text


def test_replicates_of_a_training_and_an_evaluation_can_be_subtracted(tmp_path, trained):
    found, _ = run(tmp_path / "run", f"checkpoint={trained.directory / 'checkpoints' / 'best.ckpt'}")
    for key, drawn in trained.trained.test.replicates.items():
        assert torch.equal(found.test.replicates[key], drawn), key


def test_the_checkpoint_that_was_measured_is_known_to_a_comparison(tmp_path, trained):
    run(tmp_path / "tested", f"checkpoint={trained.directory}")
    run(tmp_path / "last", f"checkpoint={trained.directory / 'checkpoints' / 'last.ckpt'}")
    study = study_of([trained.directory, tmp_path])
    (test_set,) = study.test_sets
    named = {one.name: [run.path for run in one.runs] for one in test_set.contestants}
    first, other = "triplet (mining=semihard)", "triplet (mining=semihard, evaluation.checkpoint=last)"
    assert named == {first: [tmp_path / "tested"], other: [tmp_path / "last"]}
    assert f"evaluation differs: checkpoint=- ({first}); checkpoint=last ({other})." in test_set.warnings
    assert any("the same figures" in told for told in test_set.warnings), "of the training and its evaluation"
    assert not any(f"{trained.directory}" in told for told in test_set.warnings if "told apart" in told)


def test_a_run_directory_of_embeddings_gives_its_figures_by_its_own_similarity(tmp_path, trained):
    found, text = run(tmp_path / "run", f"embeddings={trained.directory}")
    for key, scalar in trained.trained.test.scalars.items():
        assert found.test.scalars[key] == scalar, key
    assert "similarity negative_squared_l2 of unit vectors" in text
    assert not found.validation.scalars
    assert read_results(found.directory).scalars == read_metrics(found.directory)


def test_embeddings_of_a_data_sets_images_have_its_validation_threshold(tmp_path, trained):
    network, _ = checkpoints.load(trained.directory / "checkpoints" / "best.ckpt")
    from resemblance import parts
    from resemblance.config import to_plain

    source = parts.build_source(to_plain(composed(*TRAINED)))
    test, validation = source.test(), source.validation()
    vectors = torch.cat([network.embed(images.images, flip_average=True) for images in (validation, test)]).detach()
    names = [*validation.image_ids, *test.image_ids]
    shuffled = torch.randperm(len(names), generator=torch.Generator().manual_seed(0))
    save_file(
        {"vectors": vectors[shuffled].contiguous()},
        tmp_path / "v.safetensors",
        {"names": json.dumps([names[row] for row in shuffled])},
    )
    found, _ = run(tmp_path / "run", f"embeddings={tmp_path / 'v.safetensors'}", *RENDERED)
    by_cosine, _ = run(tmp_path / "other", f"checkpoint={trained.directory}", "similarity=cosine")
    assert found.test.scalars.keys() == by_cosine.test.scalars.keys()
    for key, scalar in by_cosine.test.scalars.items():
        assert found.test.scalars[key].value == pytest.approx(scalar.value, abs=0.01), key
    assert found.validation.scalars
    assert "verification/calibration" in found.test.tables


def test_an_image_without_an_embedding_is_a_failure_to_acquire(tmp_path, trained):
    saved = read_embeddings(trained.directory)
    names, vectors = saved.image_ids[:-3], saved.embeddings.vectors[:-3]
    np.savez(tmp_path / "v.npz", names=np.array([*names, "stranger_0001"]), emb=torch.cat([vectors, vectors[:1]]))
    found, text = run(tmp_path / "run", f"embeddings={tmp_path / 'v.npz'}", *RENDERED, "identity_pattern='^([^/_]+)'")
    assert found.test.scalars["acquisition/fta"].value == pytest.approx(3 / 48)
    words = " ".join(text.split())
    assert "3 of 48 images give no embedding (failure to acquire)" in words
    assert "1 of 46 embeddings" in words
    assert "No threshold" in words
    with (found.directory / "failures.csv").open() as file:
        assert [row["image_id"] for row in csv.DictReader(file)] == saved.image_ids[-3:]
    assert "verification/frr_at_fmr_1e_2" in found.test.scalars
    assert "FRR@FMR=1e-2" in text


def test_a_file_of_embeddings_with_every_list(tmp_path, people):
    path, names = people()
    rows = [f"{names[6 * k]},{names[6 * k + 1]},1\n{names[6 * k]},{names[(6 * k + 6) % 120]},0" for k in range(20)]
    (tmp_path / "pairs.csv").write_text("first,second,same\n" + "\n".join(rows))
    (tmp_path / "meta.csv").write_text("image,group\n" + "\n".join(f"{n},{'ab'[k // 60]}" for k, n in enumerate(names)))
    strangers = np.random.default_rng(1).normal(size=(50, 16))
    np.savez(tmp_path / "others.npz", names=np.array([f"x{k}" for k in range(50)]), emb=strangers)
    found, text = run(
        tmp_path / "run",
        f"embeddings={path}",
        f"pairs={tmp_path / 'pairs.csv'}",
        f"metadata={tmp_path / 'meta.csv'}",
        f"distractors={tmp_path / 'others.npz'}",
        "protocol=breakdown",
        figures=True,
    )
    assert found.test.scalars["pairs/auc"].counts["genuine"] == 20
    assert found.test.scalars["identification/rank_1"].counts["distractors"] == 50
    assert len(found.test.tables["breakdown/group"].rows) == 2
    strangers_by_name = hashlib.sha256("\n".join(sorted(f"x{k}\tx{k}" for k in range(50))).encode()).hexdigest()
    pairs = hashlib.sha256((tmp_path / "pairs.csv").read_bytes()).hexdigest()
    assert read_record(found.directory).given == {"pairs": pairs, "distractors": strangers_by_name}
    assert "120 images of 20 identities" in text
    assert (found.directory / "hardest_pairs.csv").is_file()


def test_templates_are_compared_in_place_of_images(tmp_path, people):
    path, names = people()
    lines = [f"{name},T{k // 2},{k},1" for k, name in enumerate(names)]
    (tmp_path / "t.csv").write_text("image,template,medium,quality\n" + "\n".join(lines))
    found, text = run(tmp_path / "run", f"embeddings={path}", f"templates={tmp_path / 't.csv'}")
    assert found.test.scalars["verification/auc"].counts["genuine"] == 20 * 3
    assert "60 templates of 20 identities" in text
    single, _ = run(tmp_path / "single", f"embeddings={path}")
    assert found.test.scalars["verification/auc"].value > single.test.scalars["verification/auc"].value
    assert len(read_embeddings(found.directory).image_ids) == 60
    assert read_record(found.directory).given.keys() == {"templates"}


def test_broken_embeddings_are_refused_or_excluded_and_counted(tmp_path, people):
    path, names = people(broken=2)
    with pytest.raises(DataError, match=f"2 hold NaN or infinite numbers, the first being '{names[5]}'"):
        run(tmp_path / "refused", f"embeddings={path}")
    assert not (tmp_path / "refused" / "metrics.json").exists()
    found, _ = run(tmp_path / "run", f"embeddings={path}", "invalid=exclude")
    assert found.test.scalars["acquisition/fta"].value == pytest.approx(2 / 120)


def test_a_checkpoints_configuration_can_name_no_network_of_the_users(tmp_path, trained):
    contents = torch.load(trained.directory / "checkpoints" / "best.ckpt", weights_only=True)
    (tmp_path / "evil_module.py").write_text("raise SystemExit('it ran')\n")
    config = contents["resemblance"]["config"]
    config["model"] = {"kind": "torch", "path": "evil_module:build"}
    torch.save(contents, tmp_path / "evil.ckpt")
    run(tmp_path / "run", f"checkpoint={tmp_path / 'evil.ckpt'}")
    assert "evil_module" not in sys.modules
    config["data"] = {"_target_": "os.system", "command": "false"}
    torch.save(contents, tmp_path / "evil.ckpt")
    with pytest.raises(ConfigurationError, match="can't be built from a configuration"):
        run(tmp_path / "other", f"checkpoint={tmp_path / 'evil.ckpt'}")


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ((), "exactly one of checkpoint=RUN, embeddings=FILE and model=.* none is given"),
        (("checkpoint=a", "embeddings=b"), "checkpoint= and embeddings= are given"),
        (("checkpoint=nowhere",), "There is no checkpoint 'nowhere'"),
        (("embeddings=nowhere.npz",), "There is no file 'nowhere.npz'; check embeddings="),
        (("model=timm",), "needs images to embed; choose them with data="),
        (("model=torch", "data=rendered_faces"), "model=torch needs model.path="),
        (("model=timm", "model.name=resnett18", "data=rendered_faces"), "no network called 'resnett18'"),
        (("model=timm", "model.mean=[1,2]", "data=rendered_faces"), "model.mean is "),
        (("embeddings=HERE", "pairs=nowhere.csv"), "There is no file 'nowhere.csv'; check pairs="),
        (("embeddings=HERE", "similarity=l2"), "similarity is 'l2', but should be 'auto', 'cosine'"),
        (("embeddings=HERE", "baseline=true"), "baseline=true .* needs checkpoint="),
        (("embeddings=HERE", "evaluation.batch_size=0"), "evaluation.batch_size is 0"),
        (("embeddings=HERE", "identity_pattern='['"), "not a regular expression"),
        (("embeddings=HERE", "protocol=breakdown"), "needs metadata for its part 'breakdown'.*give metadata=FILE"),
        (("embeddings=HERE", "protocol=lfw_view1"), "needs pairs for its part 'pairs'.*give pairs=FILE"),
        (("embeddings=HERE", "protocol=faces", "protocol.verification.fars=[2]"), "fars between 0 and 1"),
        (("embeddings=HERE", "data=rendered_faces", "rehearsal=true"), "an embedding of none of the 48 test images"),
        (("embeddings=HERE", "distractors=OTHER"), "2 dimensions, but the test set's embeddings have 16"),
    ],
)
def test_what_can_not_work_is_one_sentence_and_leaves_nothing_that_looks_finished(
    tmp_path, people, overrides, sentence
):
    path, _ = people()
    np.savez(tmp_path / "other.npz", names=np.array(["x", "y"]), emb=np.ones((2, 2)))
    places = {"HERE": str(path), "OTHER": str(tmp_path / "other.npz")}
    given = [f"{key}={places.get(value, value)}" for key, _, value in (text.partition("=") for text in overrides)]
    with pytest.raises((ConfigurationError, DataError), match=sentence) as refusal:
        run(tmp_path / "run", *given)
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "run" / "metrics.json").exists()


def test_a_finished_evaluation_is_not_written_over(tmp_path, people):
    path, _ = people()
    run(tmp_path / "run", f"embeddings={path}")
    with pytest.raises(OutputError, match="already holds a finished run"):
        run(tmp_path / "run", f"embeddings={path}")
