import base64
import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from resemblance.comparison.evidence.hardest import hardest_pairs, pair_boxes
from resemblance.comparison.reading import read_run
from resemblance.errors import DataError
from resemblance.results import Result, Table
from resemblance.tracking.figures import Samples, hardest_sheet
from tests.comparison.pictured import CELL, PAIRS, write_pictured_run
from tests.comparison.written import seal


@pytest.fixture
def run(tmp_path):
    return read_run(write_pictured_run(tmp_path / "run", "cosface", 1, 2.5))


@pytest.mark.parametrize("name", ["hardest_pairs.csv", "figures/hardest_false_matches.png"])
def test_files_that_were_changed_are_refused_and_those_that_were_removed_are_not(run, name):
    (run.path / name).write_bytes(b"")
    images = name.endswith("png")
    if images:
        assert len(hardest_pairs(run, "false match", 5, images=False)) == 5  # nobody looks at them
    with pytest.raises(DataError, match=f"the checksum of {name} is not that in run.json"):
        hardest_pairs(run, "false match", 5)
    assert read_run(run.path).scalars == run.scalars  # no figure rests on it
    (run.path / name).unlink()
    assert len(hardest_pairs(run, "false match", 5)) == (5 if images else 0)


def test_older_runs_have_no_checksums_of_them(run):
    older = replace(run, record=replace(run.record, files={}))
    assert len(hardest_pairs(older, "false match", 5)) == 5


def test_pairs_have_their_own_images_in_their_order(run):
    sheet = np.asarray(Image.open(run.paths.figures / "hardest_false_matches.png"))
    pairs = hardest_pairs(run, "false match", 5)
    assert [pair.score for pair in pairs] == pytest.approx([0.9, 0.89, 0.88, 0.87, 0.86])
    for place, pair in enumerate(pairs):
        kind, _, data = pair.image.partition(",")
        assert kind == "data:image/jpeg;base64"
        picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))).astype(int)
        assert picture.shape == (CELL, 2 * CELL + 4, 3)
        top, left = 106 + (place // 4) * (CELL + 97), 24 + (place % 4) * (2 * CELL + 32)
        middle = CELL // 2
        for across in (middle, middle + CELL):
            drawn = sheet[top + middle, left + across].astype(int)
            assert np.abs(picture[middle, across] - drawn).max() < 24  # JPEG


def test_the_sheets_that_runs_draw_are_found():
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (6, 3, 64, 48), generator=generator, dtype=torch.uint8)
    names = [f"a-name-of-some-length/{number}" for number in range(6)]
    table = Table(("first", "second", "score"), tuple((place % 6, (place + 1) % 6, 0.5) for place in range(7)))
    result = Result(tables={"verification/hardest_false_matches": table})
    figure = hardest_sheet(result, Samples(images, torch.arange(6), names, names), "false_matches")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    boxes = pair_boxes(np.asarray(Image.open(buffer).convert("RGB")))
    assert len(boxes) == 7
    assert {bottom - top for top, bottom, _, _ in boxes} == {128}
    assert {right - left for _, _, left, right in boxes} == {2 * 96 + 4}


@pytest.mark.parametrize("damage", ["missing", "damaged", "another"])
def test_names_stand_alone_where_the_sheet_does_not_belong_to_them(run, damage):
    sheet = run.paths.figures / "hardest_false_matches.png"
    if damage == "missing":
        sheet.unlink()
    elif damage == "damaged":
        sheet.write_bytes(b"\x89PNG")
    else:
        Image.new("RGB", (600, 400), "white").save(sheet)
    seal(run.path)
    pairs = hardest_pairs(read_run(run.path), "false match", 24)
    assert len(pairs) == PAIRS
    assert all(pair.image is None and pair.first and pair.second for pair in pairs)


def test_images_can_be_left_out(run):
    assert all(pair.image is None for pair in hardest_pairs(run, "false match", 24, images=False))


def test_a_run_without_pairs_has_none(run):
    run.paths.hardest_pairs.unlink()
    assert hardest_pairs(run, "false match", 24) == []
