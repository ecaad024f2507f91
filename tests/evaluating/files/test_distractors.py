"""Distractors are people whom nobody looks for, and of the same network."""

import numpy as np
import pytest

from resemblance.errors import ConfigurationError, DataError
from resemblance.tracking.run_record import read_record
from tests.evaluating.embedded_people import run, write_people


@pytest.fixture
def files(tmp_path):
    """The test set and a place for distractors, as overrides."""
    names, vectors = write_people(tmp_path / "v.npz")
    return names, vectors, (f"embeddings={tmp_path / 'v.npz'}", f"distractors={tmp_path / 'd.npz'}")


def refused(tmp_path, overrides, sentence):
    with pytest.raises(DataError, match=sentence) as refusal:
        run(tmp_path / "run", *overrides)
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "run").exists()


def test_strangers_are_enrolled_with_all_their_images(tmp_path, files):
    _, _, given = files
    names, vectors = write_people(tmp_path / "d.npz", prefix="Q", people=10, seed=1)
    found, told = run(tmp_path / "run", *given)
    assert found.test.scalars["identification/rank_1"].counts["distractors"] == 10
    assert f"60 images of 10 identities in '{tmp_path / 'd.npz'}' are enrolled as distractors." in told
    by_name = read_record(found.directory).given["distractors"]
    for labels, same in ((np.repeat(np.arange(10), 6), True), (np.arange(60), False)):
        np.savez(tmp_path / "d.npz", names=np.array(names), emb=vectors, labels=labels)
        other, _ = run(tmp_path / f"labels-{same}", *given)
        distractors = other.test.scalars["identification/rank_1"].counts["distractors"]
        assert (distractors == 10, read_record(other.directory).given["distractors"] == by_name) == (same, same)


def test_where_names_say_nobody_each_image_is_a_person(tmp_path, files):
    _, _, given = files
    _, vectors = write_people(tmp_path / "d.npz", prefix="Q", people=10, seed=1)
    np.savez(tmp_path / "d.npz", names=np.array([f"{number:06d}.png" for number in range(60)]), emb=vectors)
    found, told = run(tmp_path / "run", *given)
    assert found.test.scalars["identification/rank_1"].counts["distractors"] == 60
    assert "60 images of 60 identities" in told


def test_the_test_sets_own_images_are_no_distractors(tmp_path, files):
    names, vectors, given = files
    np.savez(tmp_path / "d.npz", names=np.array([f"{names[7]}.jpg", "Q_0001"]), emb=vectors[[7, 8]] + 1)
    refused(tmp_path, given, f"1 name of an image of the distractors in .* is the test set's own, .* '{names[7]}.jpg'")


def test_other_images_of_the_test_sets_people_are_no_distractors(tmp_path, files):
    _, vectors, given = files
    np.savez(tmp_path / "d.npz", names=np.array(["P03_0099", "P04_0099", "Q_0001"]), emb=vectors[:3] + 1)
    refused(tmp_path, given, "2 identities of the distractors in .* the first being that of 'P03'")
    np.savez(tmp_path / "d.npz", names=np.array(["x", "y"]), emb=vectors[:2] + 1, identities=np.array(["P03", "Q"]))
    refused(tmp_path, given, "1 identity of the distractors in .* the first being that of 'P03'")


def test_the_same_embeddings_under_other_names_are_no_distractors(tmp_path, files):
    _, vectors, given = files
    np.savez(tmp_path / "d.npz", names=np.array(["x", "y"]), emb=np.stack([vectors[5], vectors[6] + 1]))
    refused(tmp_path, given, "1 embedding of the distractors in .* the first being that of 'x'")


def test_templates_hide_nobody(tmp_path, files):
    names, _, given = files
    (tmp_path / "t.csv").write_text("image,template\n" + "\n".join(f"{n},T{k // 2}" for k, n in enumerate(names)))
    write_people(tmp_path / "d.npz", people=1, seed=4)
    refused(tmp_path, (*given, f"templates={tmp_path / 't.csv'}"), "6 names of images of the distractors")


def test_distractors_that_no_protocol_searches_among_are_told(tmp_path, files):
    _, _, given = files
    write_people(tmp_path / "d.npz", prefix="Q", seed=1)
    sentence = f"The distractors of '{tmp_path / 'd.npz'}' are not used: no protocol here searches"
    assert sentence in run(tmp_path / "run", *given, "protocol=one_shot")[1]
    assert "are not used" not in run(tmp_path / "other", *given, "protocol=faces")[1]


def test_distractors_of_a_trained_network_are_nobody_to_the_untrained_one(tmp_path):
    write_people(tmp_path / "d.npz")
    with pytest.raises(ConfigurationError, match=r"baseline=true can't stand beside distractors=: .* leave one"):
        run(tmp_path / "run", "checkpoint=any", "baseline=true", f"distractors={tmp_path / 'd.npz'}")
