import csv

import numpy as np
import pytest
import torch

from resemblance.results import Result, Table
from resemblance.tracking.figures import Samples, hardest_sheet, write_figures
from resemblance.tracking.hardest_pairs import write_hardest_pairs
from tests.tracking.figures.reading import beyond, overlapping, texts

COLUMNS = ("first", "second", "score")


def samples(number=8, size=16, named=True):
    images = (torch.arange(number) * 30).to(torch.uint8)[:, None, None, None].expand(number, 3, size, size).clone()
    names = [f"person_{row // 2}/{row:04d}" for row in range(number)] if named else None
    return Samples(images, torch.arange(number) // 2, [f"person_{label}" for label in range(number // 2)], names)


def result(rows, kind="false_matches"):
    return Result(tables={f"verification/hardest_{kind}": Table(COLUMNS, tuple(rows))})


def test_pairs_stand_side_by_side_with_names_and_scores():
    figure = hardest_sheet(result([(1, 6, 0.91234), (0, 2, -0.5)]), samples(), "false_matches")
    shown = texts(figure)
    assert {"Hardest false matches", "person_0/0001", "person_3/0006", "score 0.9123", "score −0.5000"} <= set(shown)
    sheet = np.asarray(figure.axes[0].images[0].get_array())
    row = sheet[106 + 50, :, 0]
    assert row[24] == 30
    assert row[24 + 112 + 4] == 180
    assert row[24 + 2 * 112 + 4 + 28 + 1] == 0
    assert tuple(figure.canvas.get_width_height()) == (sheet.shape[1], sheet.shape[0])


@pytest.mark.parametrize(("number", "size"), [(1, 64), (3, 112), (24, 64), (5, 200)])
def test_texts_have_room_at_any_size(number, size):
    shown = samples(8, size)
    rows = [(row % 8, (row + 3) % 8, 0.5) for row in range(number)]
    for kind in ("false_matches", "false_non_matches"):
        figure = hardest_sheet(result(rows, kind), shown, kind)
        assert not overlapping(figure)
        assert not beyond(figure)


def test_long_names_keep_their_ends():
    shown = samples()
    names = [f"{'a_very_long_name_of_a_person_indeed'}_{row:04d}" for row in range(8)]
    figure = hardest_sheet(
        result([(row, (row + 1) % 8, 0.5) for row in range(8)]),
        Samples(shown.images, shown.identities, shown.identity_names, names),
        "false_matches",
    )
    assert any(text.startswith("a_very") and text.endswith("_0001") and "…" in text for text in texts(figure))
    assert not overlapping(figure)


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(ValueError, match="rows beyond the 8 images"):
        hardest_sheet(result([(0, 8, 0.5)]), samples(), "false_matches")
    with pytest.raises(ValueError, match="needs the names"):
        hardest_sheet(result([(0, 1, 0.5)]), samples(named=False), "false_matches")


def test_sheets_are_written_only_where_there_are_images_with_names(directory):
    both = Result(
        tables={
            "verification/hardest_false_matches": Table(COLUMNS, ((0, 2, 0.5),)),
            "verification/hardest_false_non_matches": Table(COLUMNS, ()),
        }
    )
    assert set(write_figures(directory, None, both, samples())) == {"hardest_false_matches", "samples"}
    assert set(write_figures(directory, None, both, samples(named=False))) == {"samples"}
    assert write_figures(directory, None, both) == {}


def test_the_pairs_are_listed_by_name_also_without_images(directory):
    both = Result(
        tables={
            "verification/hardest_false_matches": Table(COLUMNS, ((0, 2, 0.5),)),
            "verification/hardest_false_non_matches": Table(COLUMNS, ((4, 5, 0.25),)),
        }
    )
    names = [f"image {row}" for row in range(8)]
    path = write_hardest_pairs(directory, both, names)
    assert path in directory.written()
    with path.open() as file:
        assert list(csv.reader(file)) == [
            ["kind", "first", "second", "score"],
            ["false match", "image 0", "image 2", "0.5"],
            ["false non-match", "image 4", "image 5", "0.25"],
        ]


def test_without_such_pairs_there_is_no_file(directory):
    assert write_hardest_pairs(directory, Result(), []) is None
    assert not directory.hardest_pairs.exists()
