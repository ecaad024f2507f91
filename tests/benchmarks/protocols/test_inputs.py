import os
from pathlib import Path

import pytest
import torch

from resemblance.benchmarks.protocols import inputs
from resemblance.benchmarks.protocols.inputs import GENUINE_COSINE, LFW_PEOPLE, REAL, SYNTHETIC, embeddings, view_2
from resemblance.protocols import all_pairs_scores
from resemblance.similarity import CosineSimilarity

DLIB = Path(os.environ.get("RESEMBLANCE_DATA", "")) / "lfw" / "lfw_dlib_128d.npz"


@pytest.fixture
def no_data(monkeypatch):
    monkeypatch.delenv("RESEMBLANCE_DATA", raising=False)


def test_the_counts_are_those_of_lfw():
    assert sum(LFW_PEOPLE.values()) == 5_749
    assert sum(images * people for images, people in LFW_PEOPLE.items()) == 13_233
    assert sum(people for images, people in LFW_PEOPLE.items() if images >= 2) == 1_680


@pytest.mark.usefixtures("no_data")
def test_without_photographs_the_embeddings_are_drawn_to_lfws_counts():
    known, source = embeddings(13_233)
    assert source == SYNTHETIC
    assert known.vectors.shape == (13_233, 128)
    counted = known.identities.bincount().bincount()
    assert {n: int(people) for n, people in enumerate(counted) if people} == LFW_PEOPLE
    again, _ = embeddings(13_233)
    torch.testing.assert_close(known.vectors, again.vectors, rtol=0, atol=0)


@pytest.mark.parametrize("images", [1, 200, 13_232, 30_000])
def test_any_number_of_embeddings(images):
    known, _ = embeddings(images)
    assert len(known) == images
    steps = known.identities.diff()
    assert ((steps == 0) | (steps == 1)).all()


def test_embeddings_of_one_person_are_alike():
    genuine, impostor = all_pairs_scores(embeddings(600)[0], CosineSimilarity())
    assert genuine.mean().item() == pytest.approx(GENUINE_COSINE, abs=0.03)
    assert impostor.mean().item() == pytest.approx(0, abs=0.03)


def test_a_gallery_is_the_same_in_every_process_and_probes_resemble_its_first(monkeypatch):
    monkeypatch.setattr(inputs, "_ROWS", 100)
    blocks = list(inputs.gallery(250))
    assert [(rows.start, rows.stop) for rows, _ in blocks] == [(0, 100), (100, 200), (200, 250)]
    enrolled = torch.cat([block for _, block in blocks])
    torch.testing.assert_close(torch.cat([block for _, block in inputs.gallery(250)]), enrolled, rtol=0, atol=0)
    torch.testing.assert_close(enrolled.norm(dim=1), torch.ones(250))
    assert ((inputs.probes(50) @ enrolled.T).argmax(1) == torch.arange(50)).all()


@pytest.mark.usefixtures("no_data")
@pytest.mark.parametrize("pairs", [200, 400])
def test_a_synthetic_view_2_has_the_structure_of_lfws(pairs):
    known, first, second, folds, source = view_2(pairs)
    assert "synthetic" in source
    same = known.identities[first] == known.identities[second]
    assert folds.bincount().tolist() == [pairs // 10] * 10
    assert folds[same].bincount().tolist() == [pairs // 20] * 10
    assert (first != second).all()
    people = [set(known.identities[torch.cat([first[folds == n], second[folds == n]])].tolist()) for n in range(10)]
    assert sum(map(len, people)) == len(set.union(*people)), "a person is in two folds"


@pytest.mark.skipif(not DLIB.is_file(), reason="lfw/lfw_dlib_128d.npz is not in RESEMBLANCE_DATA")
def test_real_embeddings_where_they_are_at_hand():
    known, source = embeddings(13_233)
    assert source == REAL
    counted = known.identities.bincount().bincount()
    assert {n: int(people) for n, people in enumerate(counted) if people} == LFW_PEOPLE
    known, first, second, folds, source = view_2(6_000)
    assert source.startswith(REAL)
    same = known.identities[first] == known.identities[second]
    assert folds[same].bincount().tolist() == [300] * 10
    assert folds[~same].bincount().tolist() == [300] * 10
