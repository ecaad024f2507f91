"""The real LFW, where RESEMBLANCE_DATA has it."""

import os
from pathlib import Path

import pytest
import torch

from resemblance.data.lfw import LFW


@pytest.fixture(scope="module")
def real() -> LFW:
    folder = Path(os.environ.get("RESEMBLANCE_DATA", "")) / "lfw"
    for name in ("lfw_112.zip", "lfw_protocol.zip"):
        if not os.environ.get("RESEMBLANCE_DATA") or not (folder / name).is_file():
            pytest.skip(f"{name} is not there: set RESEMBLANCE_DATA to the folder that holds lfw/{name}")
    return LFW(str(folder))


def test_the_real_lists_have_the_published_counts(real):
    told = real.describe()
    train, held_out = told["train_identities"], told["validation_identities"]
    assert (train, held_out, told["left_out_identities"]) == (1066, 118, 4038 - 1184)
    assert told["train_images"] + told["validation_images"] == 6671
    assert told["test_identities"] == 1711
    pairs = real.pairs()
    assert (int(pairs.same.sum()), int((~pairs.same).sum())) == (500, 500)


def test_the_real_rehearsal_has_all_that_the_protocols_need(real):
    source = real.rehearsal()
    train, validation, test, pairs = source.train(), source.validation(), source.test(), source.pairs()
    for faces in (train, validation):
        assert torch.bincount(faces.identities).tolist() == [3] * 16
    counts = torch.bincount(test.identities)
    assert (int(counts.sum()) ** 2 - int((counts**2).sum())) // 2 >= 1000
    assert test.num_identities <= 20
    assert (test.identities[pairs.first] == test.identities[pairs.second]).tolist() == pairs.same.tolist()
    assert set(pairs.same.tolist()) == {True, False}
    assert test.images.float().std() > 30


def test_the_real_test_set_has_496_people_with_a_second_image(real):
    view = real.test()
    assert int((torch.bincount(view.identities) >= 2).sum()) == 496
    assert len(view) == 3708
