"""Omniglot on a tiny made-up copy in both layouts, and on the real one where RESEMBLANCE_DATA has it."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resemblance.data.omniglot import Omniglot
from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError, DataError
from resemblance.protocols import FixedEpisodes, OneShot
from resemblance.similarity import NegativeSquaredL2

BACKGROUND = [f"{number:04d}" for number in range(1, 13)]
EVALUATION = [f"{number:04d}" for number in range(13, 21)]
DRAWERS = ["01", "02", "03", "04"]


def drawing(seed: int, size: int = 105) -> bytes:
    ink = np.random.default_rng(seed).random((7, 7)) < 0.4
    pixels = np.where(np.kron(ink, np.ones((15, 15))), 0, 255).astype(np.uint8)[:size, :size]
    file = io.BytesIO()
    Image.fromarray(pixels).convert("1").save(file, "PNG")
    return file.getvalue()


def seed_of(number: str, drawer: str) -> int:
    return int(number) * 100 + int(drawer)


def characters() -> dict[str, bytes]:
    return {
        f"{part}/character{number}/{number}_{drawer}.png": drawing(seed_of(number, drawer))
        for part, numbers in (("images_background", BACKGROUND), ("images_evaluation", EVALUATION))
        for number in numbers
        for drawer in DRAWERS
    }


def official() -> dict[str, bytes]:
    return {
        name.replace("/character", f"/Alphabet_{name[-5]}/character"): content for name, content in characters().items()
    }


RUNS = [
    (("0013", "0015", "0018"), (2, 0, 1)),
    (("0014", "0015", "0020"), (1, 2, 0)),
    (("0019", "0013", "0017"), (0, 1, 2)),
]
"""Characters of the training images of each run, and which of them each test image is."""


def runs() -> dict[str, bytes]:
    files = {}
    for run, (numbers, answers) in enumerate(RUNS, start=1):
        folder, lines = f"run{run:02d}", []
        for place, number in enumerate(numbers, start=1):
            files[f"{folder}/training/class{place:02d}.png"] = drawing(seed_of(number, "02"))
        for place, answer in enumerate(answers, start=1):
            files[f"{folder}/test/item{place:02d}.png"] = drawing(seed_of(numbers[answer], "03"))
            lines.append(f"{folder}/test/item{place:02d}.png {folder}/training/class{answer + 1:02d}.png")
        files[f"{folder}/class_labels.txt"] = "\n".join(lines).encode()
    return files


def write_zip(file: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def zipped(root: Path) -> Path:
    write_zip(root / "omniglot_characters.zip", characters())
    write_zip(root / "one_shot_runs.zip", runs())
    return root


def as_published(root: Path) -> Path:
    files = official()
    for part in ("images_background", "images_evaluation"):
        write_zip(root / f"{part}.zip", {name: data for name, data in files.items() if name.startswith(part)})
    write_zip(root / "all_runs.zip", {f"all_runs/{name}": data for name, data in runs().items()})
    return root


def unpacked(root: Path) -> Path:
    write_folder(root / "python", official())
    write_folder(root / "one-shot", runs())
    return root


@pytest.mark.parametrize("layout", [zipped, as_published, unpacked])
def test_every_layout_gives_the_same_sets(layout, tmp_path):
    source = Omniglot(str(layout(tmp_path)), validation_share=0.25, image_size=28)
    source.prepare()
    train, validation, test = source.train(), source.validation(), source.test()
    assert test.identity_names == EVALUATION
    assert test.image_ids[:5] == ["0013_01", "0013_02", "0013_03", "0013_04", "0014_01"]
    upright = {name.removesuffix("+0") for name in train.identity_names if name.endswith("+0")}
    assert len(validation.identity_names) == 3
    assert sorted(upright | set(validation.identity_names)) == BACKGROUND
    assert source.describe()["train_identities"] == train.num_identities == 4 * 9
    assert source.describe()["test_images"] == len(test) == 32
    assert source.pairs() is None


def test_ink_is_black_on_white_in_three_equal_channels(tmp_path):
    images = Omniglot(str(zipped(tmp_path)), image_size=105).test().images
    assert images.shape == (32, 3, 105, 105)
    expected = np.asarray(Image.open(io.BytesIO(drawing(seed_of("0013", "01")))).convert("L"))
    for channel in range(3):
        assert np.array_equal(images[0, channel].numpy(), expected)
    assert set(images.unique().tolist()) == {0, 255}


def test_turned_characters_are_characters_of_their_own(tmp_path):
    root = str(zipped(tmp_path))
    upright, turned = (Omniglot(root, rotations=rotations).train() for rotations in (False, True))
    assert turned.num_identities == 4 * upright.num_identities
    rows = len(upright)
    assert torch.equal(turned.images[:rows], upright.images)
    assert torch.equal(turned.images[2 * rows : 3 * rows], upright.images.flip(2, 3))
    assert turned.image_ids[rows] == f"{upright.image_ids[0]}+90"
    assert Omniglot(root).validation().num_identities == Omniglot(root, rotations=False).validation().num_identities


@pytest.mark.parametrize("image_size", [28, 105])
def test_the_runs_are_rows_of_the_test_set(image_size, tmp_path):
    source = Omniglot(str(zipped(tmp_path)), image_size=image_size)
    test, episodes = source.test(), source.episodes()
    assert episodes.name == "3 fixed runs"
    for run, (numbers, answers) in enumerate(RUNS):
        names = [test.image_ids[row] for row in episodes.support[run, :, 0].tolist()]
        assert names == [f"{number}_02" for number in numbers]
        assert [test.image_ids[row] for row in episodes.queries[run].tolist()] == [
            f"{numbers[answer]}_03" for answer in answers
        ]
        assert tuple(episodes.answers[run].tolist()) == answers


def test_runs_that_lie_there_twice_count_once(tmp_path):
    write_zip(tmp_path / "omniglot_characters.zip", characters())
    twice = {f"{folder}/{name}": data for folder in ("all_runs", "copy") for name, data in runs().items()}
    write_zip(tmp_path / "runs.zip", twice)
    source = Omniglot(str(tmp_path))
    assert source.episodes().name == "3 fixed runs"
    assert len(source.episodes()) == source.describe()["one_shot_runs"] == 3


def test_without_the_runs_there_are_no_episodes(tmp_path):
    write_zip(tmp_path / "omniglot_characters.zip", characters())
    source = Omniglot(str(tmp_path / "omniglot_characters.zip"))
    assert source.episodes() is None
    assert source.describe()["one_shot_runs"] == 0
    assert source.rehearsal().episodes() is None


@pytest.mark.parametrize("name", ["one_shot_runs.zip", "all_runs.zip", "all_runs", None])
def test_beside_a_zip_file_only_the_runs_are_looked_at(name, tmp_path):
    write_zip(tmp_path / "drawings.zip", {**characters(), **({} if name else runs())})
    (tmp_path / "another.zip").write_bytes(b"half a download")
    write_folder(tmp_path / "another run", {"run01/class_labels.txt": b"nothing of ours"})
    if name and name.endswith(".zip"):
        write_zip(tmp_path / name, runs())
    elif name:
        write_folder(tmp_path / name, runs())
    episodes = Omniglot(str(tmp_path / "drawings.zip")).episodes()
    assert episodes.name == "3 fixed runs"


def test_a_zip_file_without_runs_has_no_episodes(tmp_path):
    write_zip(tmp_path / "drawings.zip", characters())
    write_folder(tmp_path / "another run", {"run01/class_labels.txt": b"nothing of ours"})
    assert Omniglot(str(tmp_path / "drawings.zip")).episodes() is None


def test_a_rehearsal_keeps_two_runs(tmp_path):
    source = Omniglot(str(zipped(tmp_path))).rehearsal()
    test, episodes = source.test(), source.episodes()
    assert len(episodes) == 2
    assert test.identity_names == ["0013", "0014", "0015", "0018", "0020"]
    assert torch.bincount(test.identities).tolist() == [3] * 5
    assert [test.image_ids[row] for row in episodes.support[1, :, 0].tolist()] == ["0014_02", "0015_02", "0020_02"]
    assert not set(source.train().identity_names) & set(source.validation().identity_names)
    assert source.describe()["test_images"] == 15


def test_runs_of_other_drawings_are_refused(tmp_path):
    write_zip(tmp_path / "omniglot_characters.zip", characters())
    write_zip(tmp_path / "runs.zip", {**runs(), "run02/test/item01.png": drawing(99)})
    with pytest.raises(DataError, match="1 of the 9 images of the one-shot runs .* are not among"):
        Omniglot(str(tmp_path)).episodes()


def test_a_run_with_a_missing_image_is_refused_with_its_line(tmp_path):
    write_zip(tmp_path / "omniglot_characters.zip", characters())
    write_zip(tmp_path / "runs.zip", {name: data for name, data in runs().items() if "run02/test/item02" not in name})
    with pytest.raises(DataError, match="Line 2 of 'run02/class_labels.txt'"):
        Omniglot(str(tmp_path)).prepare()


def test_a_missing_part_is_named(tmp_path):
    write_zip(tmp_path / "a.zip", {name: data for name, data in characters().items() if "background" in name})
    with pytest.raises(DataError, match="no drawings images_evaluation/characterNNNN"):
        Omniglot(str(tmp_path)).prepare()


def test_a_drawing_of_another_size_is_refused(tmp_path):
    write_folder(tmp_path, {**characters(), "images_evaluation/character0014/0014_02.png": drawing(1, 60)})
    with pytest.raises(DataError, match=r"0014_02.png' has 60 × 60 pixels"):
        Omniglot(str(tmp_path)).test()


def test_a_character_in_both_parts_is_refused(tmp_path):
    write_folder(tmp_path, {**characters(), "images_evaluation/character0002/0002_01.png": drawing(1)})
    with pytest.raises(DataError, match="'0002' is in images_background and in images_evaluation"):
        Omniglot(str(tmp_path)).prepare()


@pytest.mark.parametrize("knobs", [{"validation_share": 0.5}, {"image_size": 106}, {"seed": -1}])
def test_a_knob_out_of_range_is_refused_before_any_file_is_looked_for(knobs):
    with pytest.raises(ConfigurationError, match=f"data.{next(iter(knobs))} must"):
        Omniglot("nowhere", **knobs)


@pytest.fixture(scope="module")
def real() -> Omniglot:
    folder = Path(os.environ.get("RESEMBLANCE_DATA", "")) / "omniglot"
    for name in ("omniglot_characters.zip", "one_shot_runs.zip"):
        if not os.environ.get("RESEMBLANCE_DATA") or not (folder / name).is_file():
            pytest.skip(f"{name} is not there: set RESEMBLANCE_DATA to the folder that holds omniglot/{name}")
    return Omniglot(str(folder))


def test_the_real_counts_are_those_of_the_paper(real):
    told = real.describe()
    assert told["train_identities"] // 4 + told["validation_identities"] == 964
    assert (told["test_identities"], told["test_images"], told["one_shot_runs"]) == (659, 13_180, 20)


def test_nearest_neighbours_of_pixels_reach_the_published_figure(real):
    """Koch et al. (2015) report 21.7 % for one nearest neighbour on the 20 runs, where chance is 5 %."""
    test, runs = real.test(), real.episodes()
    assert (len(runs), runs.ways, runs.shots, runs.queries.shape[1]) == (20, 20, 1, 20)
    pixels = Embeddings(test.images[:, 0].flatten(1).float() / 255, test.identities)
    similarity = NegativeSquaredL2(normalized=False)
    scalar = FixedEpisodes(runs)(pixels, similarity).scalars["one_shot_runs/accuracy"]
    assert scalar.value == pytest.approx(0.2175, abs=1e-9)
    assert dict(scalar.counts) == {
        "subjects": 200,
        "episodes": 20,
        "ways": 20,
        "shots": 1,
        "queries": 400,
        "errors": 313,
    }
    drawn = OneShot(ways=(20,), episodes=300)(pixels, similarity).scalars["one_shot/20_way_1_shot"]
    assert 0.2 < drawn.value < 0.3
