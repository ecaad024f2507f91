"""Sets of rendered faces: labels, splits, cache and knobs."""

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from resemblance.data.rendered import RenderedFaces, RenderSettings, rendered_faces
from resemblance.data.rendered import dataset as dataset_module
from resemblance.errors import ConfigurationError, OutputError, ResemblanceWarning

SETTINGS = RenderSettings()


def small(cache_dir: Path | None = None, settings: RenderSettings = SETTINGS, **changes: Any) -> Any:
    arguments = {"seed": 0, "identities": range(4, 8), "images_per_identity": 3, "image_size": 32, **changes}
    return rendered_faces(**arguments, settings=settings, cache_dir=cache_dir)


@pytest.fixture
def no_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("rendered although the cache holds the set")

    monkeypatch.setattr(dataset_module, "render", refuse)


def test_labels_and_names() -> None:
    faces = small()
    assert faces.images.shape == (12, 3, 32, 32)
    assert faces.identities.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert faces.identity_names == ["rendered-0004", "rendered-0005", "rendered-0006", "rendered-0007"]
    assert faces.image_ids[:4] == ["rendered-0004/00", "rendered-0004/01", "rendered-0004/02", "rendered-0005/00"]


def test_a_person_is_the_same_in_every_range_and_with_any_number_of_images() -> None:
    one = small(identities=range(6, 7), images_per_identity=5)
    assert torch.equal(small().images[6:9], one.images[:3])


def test_the_cache_gives_what_was_rendered(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    drawn = small(tmp_path / "new" / "folder")
    assert torch.equal(drawn.images, small().images)
    request.getfixturevalue("no_rendering")
    assert torch.equal(small(tmp_path / "new" / "folder").images, drawn.images)
    assert [path.suffix for path in (tmp_path / "new" / "folder").iterdir()] == [".safetensors"]


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"identities": range(5, 9)},
        {"images_per_identity": 4},
        {"image_size": 40},
        {"settings": replace(SETTINGS, pose_range=10.0)},
        {"settings": replace(SETTINGS, nuisance_strength=0.5)},
        {"settings": replace(SETTINGS, lookalikes=0.5)},
        {"settings": replace(SETTINGS, long_tail=1.0)},
    ],
)
def test_other_pixels_have_another_file(tmp_path: Path, changes: dict[str, Any]) -> None:
    first, other = small(tmp_path), small(tmp_path, **changes)
    assert len(list(tmp_path.iterdir())) == 2
    assert first.images.shape != other.images.shape or not torch.equal(first.images, other.images)


@pytest.mark.usefixtures("tmp_path")
def test_wrong_labels_share_the_file_of_the_right_ones(tmp_path: Path) -> None:
    clean = small(tmp_path)
    noisy = small(tmp_path, replace(SETTINGS, label_noise=0.25))
    assert len(list(tmp_path.iterdir())) == 1
    assert torch.equal(clean.images, noisy.images)


def test_a_new_renderer_does_not_read_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(tmp_path)
    monkeypatch.setattr(dataset_module, "RENDERER_VERSION", -1)
    small(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def damage_tail(content: bytes) -> bytes:
    return content[:-100]


def damage_pixel(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 0xFF])


def damage_header(content: bytes) -> bytes:
    return b"\xff" * 16 + content[16:]


def damage_all(content: bytes) -> bytes:
    return content[:0]


@pytest.mark.parametrize("damage", [damage_tail, damage_pixel, damage_header, damage_all])
def test_a_damaged_file_is_rendered_again(tmp_path: Path, damage: Any, caplog: pytest.LogCaptureFixture) -> None:
    drawn = small(tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert torch.equal(small(tmp_path).images, drawn.images)
    assert path.read_bytes() == whole
    assert "rendered again" in caplog.text


def test_a_cache_that_is_a_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("not a folder")
    with pytest.raises(OutputError, match=r"cache folder .*file.* can't be written .*data\.cache_dir"):
        small(place)


def test_a_read_only_cache_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", denied)  # who is root may write anywhere
    with pytest.raises(OutputError, match="can't be written"):
        small(tmp_path)


def test_too_little_room_is_told_before_the_rendering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(tmp_path)
    size = 12 * 3 * 32 * 32
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=size))
    small(tmp_path, seed=1)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=size - 1))
    small(tmp_path, seed=1)
    monkeypatch.setattr(dataset_module, "render", None)
    with pytest.raises(OutputError, match=r"has 0 MB left, and a set needs 0; set data\.cache_dir"):
        small(tmp_path, seed=2)


def test_images_that_can_not_be_kept_are_used_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(
        ResemblanceWarning, match=r"used, and not kept: .*No space left on device\); set data\.cache_dir"
    ):
        drawn = small(tmp_path)
    assert torch.equal(drawn.images, small().images)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_the_share_of_wrong_labels_is_the_one_asked_for(share: float) -> None:
    size = {"identities": range(20), "images_per_identity": 10}
    clean, noisy = small(**size), small(settings=replace(SETTINGS, label_noise=share), **size)
    wrong = clean.identities != noisy.identities
    assert wrong.sum() == round(share * 200)
    assert not wrong[::10].any()
    assert noisy.image_ids == clean.image_ids
    if share:
        assert len(torch.unique(noisy.identities[wrong])) > 5


def test_a_long_tail_has_few_rich_and_many_poor() -> None:
    faces = small(identities=range(60), images_per_identity=20, settings=replace(SETTINGS, long_tail=2.0))
    counts = torch.bincount(faces.identities)
    assert counts.min() == 2
    assert counts.max() > 15
    assert counts.float().median() < 8


def test_a_long_tail_is_counted() -> None:
    source = RenderedFaces(30, 2, 2, 8, image_size=32, long_tail=2.0)
    told = source.describe()
    assert told["train_images"] == len(source.train()) < 8 * 30
    assert (told["validation_images"], told["test_images"]) == (16, 16)


def test_the_source_splits_people_disjointly_and_reads_only_on_call(tmp_path: Path) -> None:
    source = RenderedFaces(5, 3, 4, 2, image_size=32, label_noise=0.4, long_tail=1.0, cache_dir=str(tmp_path / "cache"))
    assert not (tmp_path / "cache").exists()
    source.prepare()
    assert len(list((tmp_path / "cache").iterdir())) == 3
    sets = [source.train(), source.validation(), source.test()]
    assert [len(faces.identity_names) for faces in sets] == [5, 3, 4]
    assert len({name for faces in sets for name in faces.identity_names}) == 12
    for faces in sets[1:]:
        assert torch.equal(faces.identities, torch.arange(faces.num_identities).repeat_interleave(2))
    # Pairs of look-alikes (2k, 2k + 1) stay in one split.
    assert [int(faces.identity_names[0][-4:]) % 2 for faces in sets] == [0, 0, 0]
    assert source.pairs() is None
    told = source.describe()
    assert told["label_noise"] == 0.4
    assert [told[f"{name}_images"] for name in ("train", "validation", "test")] == [len(faces) for faces in sets]
    assert len(sets[0]) == told["train_images"] == 10


def test_the_test_people_stay_the_same_whatever_is_trained_on() -> None:
    few, many = (RenderedFaces(train, validation, 3, 2, image_size=32) for train, validation in ((2, 2), (7, 5)))
    assert few.test().image_ids == many.test().image_ids
    assert torch.equal(few.test().images, many.test().images)
    assert set(few.train().identity_names) <= set(many.train().identity_names)


def test_a_rehearsal_is_small_and_keeps_the_knobs() -> None:
    small_source = RenderedFaces(label_noise=0.1, image_size=32, cache_dir="unused").rehearsal()
    description = small_source.describe()
    assert (description["train_identities"], description["images_per_identity"]) == (16, 3)
    assert description["label_noise"] == 0.1
    assert len(small_source.train()) == 48


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("train_identities", 1),
        ("validation_identities", 0),
        ("test_identities", 2.5),
        ("images_per_identity", 1),
        ("image_size", 31),
        ("image_size", 257),
        ("image_size", True),
        ("seed", -1),
        ("pose_range", -1.0),
        ("pose_range", 61.0),
        ("pose_range", "wide"),
        ("nuisance_strength", 2.0),
        ("lookalikes", 0.6),
        ("label_noise", float("nan")),
        ("label_noise", 0.51),
        ("long_tail", -0.1),
    ],
)
def test_an_impossible_knob_is_refused_in_one_sentence_that_names_it(knob: str, value: Any) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        RenderedFaces(**{knob: value})
    message = str(refusal.value)
    assert f"data.{knob}" in message
    assert repr(value) in message
    assert message.endswith(".")
    assert "\n" not in message
