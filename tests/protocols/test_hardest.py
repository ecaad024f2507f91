from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics.all_pairs import AllPairs
from resemblance.protocols import HardestPairs, hardest
from resemblance.protocols.hardest import occurrences
from resemblance.similarity import CosineSimilarity, NegativeSquaredL2, Scorer

FALSE_MATCHES, FALSE_NON_MATCHES = "verification/hardest_false_matches", "verification/hardest_false_non_matches"


def naive(faces, similarity, count, genuine):
    """All comparisons of a kind in a list, the worst first, and the limits applied one after the other."""
    scores = Scorer(similarity)(faces.vectors, faces.vectors)
    ids = faces.identities.tolist()
    by_subject = sorted(range(len(ids)), key=lambda row: (ids[row], row))
    listed = [
        (min(first, second), max(first, second), scores[first, second].item())
        for first, second in combinations(by_subject, 2)
        if (ids[first] == ids[second]) is genuine
    ]
    listed.sort(key=lambda row: row[2] if genuine else -row[2])
    of_subjects, kept = {}, []
    for row in listed:
        subjects = frozenset((ids[row[0]], ids[row[1]]))
        if of_subjects.setdefault(subjects, 0) < 3:
            of_subjects[subjects] += 1
            kept.append(row)
    kept = kept[: 20 * count]
    for most in range(3, 1000):
        seen, chosen = dict.fromkeys(range(len(ids)), 0), []
        for row in kept:
            if len(chosen) < count and max(seen[row[0]], seen[row[1]]) < most:
                chosen.append(row)
                seen[row[0]] += 1
                seen[row[1]] += 1
        if len(chosen) == min(count, len(kept)):
            return tuple(chosen)
    raise AssertionError


@pytest.mark.parametrize("count", [1, 7, 24, 1000])
@pytest.mark.parametrize("similarity", [CosineSimilarity(), NegativeSquaredL2(normalized=False)])
def test_the_lists_are_those_of_a_naive_loop(shuffled, count, similarity):
    tables = HardestPairs(count)(shuffled, similarity).tables
    for key, genuine in ((FALSE_MATCHES, False), (FALSE_NON_MATCHES, True)):
        assert tables[key].columns == ("first", "second", "score")
        assert tables[key].rows == naive(shuffled, similarity, count, genuine)


@pytest.mark.parametrize(("rows", "entries"), [(1, 1), (7, 100), (64, 2**20)])
def test_any_block_gives_the_same_lists_also_among_ties(make_embeddings, monkeypatch, rows, entries):
    generator = torch.Generator().manual_seed(1)
    faces = Embeddings(torch.randint(0, 3, (150, 2), generator=generator).float() + 0.5, torch.arange(150) % 40)
    whole = HardestPairs(12)(faces, CosineSimilarity())
    monkeypatch.setattr(hardest, "AllPairs", lambda *args, **more: AllPairs(*args, block=rows, **more))
    monkeypatch.setattr(hardest, "_ENTRIES", entries)
    assert HardestPairs(12)(faces, CosineSimilarity()) == whole


def test_one_image_that_resembles_everybody_does_not_fill_the_list(make_embeddings):
    faces = make_embeddings([*range(60), *range(60)], spread=0.3, dimension=64)
    vectors = faces.vectors.clone()
    vectors[7] = vectors.mean(0) * 50
    rows = HardestPairs(20)(replace(faces, vectors=vectors), CosineSimilarity()).tables[FALSE_MATCHES].rows
    assert len(rows) == 20
    images = [image for first, second, _ in rows for image in (first, second)]
    assert images.count(7) == 3
    assert max(map(images.count, images)) <= 3


def test_two_subjects_who_are_one_do_not_fill_the_list(make_embeddings):
    faces = make_embeddings([0] * 10 + [1] * 10 + [2] * 4 + [3] * 4, spread=0.1)
    vectors = faces.vectors.clone()
    vectors[10:20] = vectors[:10]  # one person under two names
    rows = HardestPairs(6)(replace(faces, vectors=vectors), CosineSimilarity()).tables[FALSE_MATCHES].rows
    pairs = [tuple(faces.identities[[first, second]].tolist()) for first, second, _ in rows]
    assert pairs.count((0, 1)) == 3
    assert len(rows) == 6


def test_a_small_set_lists_what_it_has(make_embeddings):
    tables = HardestPairs()(make_embeddings([0, 0, 1]), CosineSimilarity()).tables
    assert [row[:2] for row in tables[FALSE_NON_MATCHES].rows] == [(0, 1)]
    assert sorted(row[:2] for row in tables[FALSE_MATCHES].rows) == [(0, 2), (1, 2)]


def test_a_network_that_maps_all_faces_to_one_point(make_embeddings):
    faces = make_embeddings(torch.arange(400) // 4)
    tables = HardestPairs()(replace(faces, vectors=torch.ones(400, 3)), CosineSimilarity()).tables
    assert [len(table.rows) for table in tables.values()] == [24, 24]


def test_epochs_do_without(faces):
    assert HardestPairs()(faces, CosineSimilarity(), intervals=False).tables == {}


def test_what_it_refuses(make_embeddings):
    with pytest.raises(ConfigurationError, match="count of 1 pair or more, not 0"):
        HardestPairs(0)
    with pytest.raises(DataError, match="no genuine"):
        HardestPairs()(make_embeddings([0, 1, 2]), CosineSimilarity())


def test_occurrences():
    keys = np.random.default_rng(0).integers(0, 5, 50)
    assert occurrences(keys).tolist() == [keys[:place].tolist().count(key) for place, key in enumerate(keys.tolist())]
    assert occurrences(np.empty(0, dtype=np.int64)).tolist() == []
