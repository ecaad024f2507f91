"""Search of a large gallery against float64 brute force, ties included, on any path and block size."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.metrics import rough_scores, search
from resemblance.metrics.search import nearest
from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2, WeightedL1

PRODUCTS = [CosineSimilarity(), NegativeSquaredL2(normalized=False), NegativeSquaredL2(normalized=True)]


def brute_force(probes, gallery, similarity, k):
    """All scores in float64, rounded to float32; equal ones in the order of the rows."""
    probes, gallery = similarity.prepare(probes.double()), similarity.prepare(gallery.double())
    if similarity.name == "negative_squared_l2":  # from differences, which lose no digits anywhere
        scores = torch.stack([-(probe - gallery).square().sum(1) for probe in probes]).float()
    else:
        scores = similarity.double().compare(probes, gallery).float()
    best, rows = scores.sort(dim=1, descending=True, stable=True)
    return best[:, :k], rows[:, :k]


def set_of(kind, images, dimension=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(images, dimension, generator=generator)
    if kind == "clusters":
        vectors = vectors[torch.randint(0, 9, (images,), generator=generator)] + 0.02 * vectors
    if kind == "far":
        vectors = vectors + 30
    if kind == "ascending":
        vectors = vectors[vectors[:, 0].argsort()]
    return vectors


@pytest.fixture(params=["bfloat16", "float32"])
def product(request, monkeypatch):
    """Both kinds of rough products, whatever the hardware prefers."""
    monkeypatch.setattr(rough_scores, "_multiplies_bfloat16", lambda device: request.param == "bfloat16")


@pytest.mark.parametrize("similarity", PRODUCTS, ids=repr)
@pytest.mark.parametrize("kind", ["random", "clusters", "far", "ascending"])
@pytest.mark.usefixtures("product")
def test_neighbours_are_those_of_brute_force(similarity, kind, monkeypatch):
    monkeypatch.setattr(search, "IMAGES", 700)
    monkeypatch.setattr(search, "PROBES", 13)
    gallery = set_of(kind, 3000)
    probes = torch.cat([gallery[:20] + 0.1, set_of(kind, 20, seed=1)])
    scores, rows = brute_force(probes, gallery, similarity, 10)
    found = nearest(probes, gallery, similarity, 10)
    assert torch.equal(found.rows, rows)
    # Near-duplicates keep few of the digits of ‖x‖² + ‖y‖² − 2·x·y, whose sums here are of another order.
    torch.testing.assert_close(found.scores, scores, rtol=0, atol=1e-14)


@pytest.mark.parametrize("similarity", [NegativeL1(normalized=True), WeightedL1(16)], ids=repr)
def test_similarities_that_are_no_product_are_searched_too(similarity, monkeypatch):
    monkeypatch.setattr(search, "IMAGES", 64)
    gallery, probes = set_of("random", 300), set_of("random", 9, seed=1)
    scores, rows = brute_force(probes, gallery, similarity, 7)
    found = nearest(probes, gallery, similarity, 7)
    assert torch.equal(found.rows, rows)
    assert torch.equal(found.scores, scores)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 90), st.integers(1, 12), st.integers(1, 40), st.booleans(), st.booleans())
def test_ties_go_to_the_lowest_row(seed, images, k, block, rough, distance):
    """Corners of a cube, of norm 2: products are exact in every precision, and most scores are tied."""
    generator = torch.Generator().manual_seed(seed)
    gallery, probes = (2 * torch.randint(0, 2, (rows, 4), generator=generator).float() - 1 for rows in (images, 5))
    similarity = NegativeSquaredL2(normalized=False) if distance else CosineSimilarity()
    k = min(k, images)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "IMAGES", block)
        patch.setattr(search, "PROBES", 2)
        patch.setattr(rough_scores, "_multiplies_bfloat16", lambda device: rough)
        found = nearest(probes, gallery, similarity, k)
    scores, rows = brute_force(probes, gallery, similarity, k)
    assert torch.equal(found.scores, scores)
    assert torch.equal(found.rows, rows)


def test_the_product_rules_most_of_a_gallery_out(monkeypatch):
    """Otherwise all is compared in float64, which is right but slow."""
    scored = []
    of_pairs, take_all = search._CentredScorer.of_pairs, search._Search._take_all
    spy = lambda scorer, x, y: scored.append(len(x)) or of_pairs(scorer, x, y)  # noqa: E731
    monkeypatch.setattr(search._CentredScorer, "of_pairs", spy)
    whole = []
    monkeypatch.setattr(search._Search, "_take_all", lambda *given: whole.append(len(given[1])) or take_all(*given))
    gallery = set_of("random", 40_000, dimension=64)
    nearest(gallery[:50] + 0.1, gallery, CosineSimilarity(), 5)
    assert whole == [search.IMAGES]  # the first block
    assert 0 < sum(scored) < 0.01 * 50 * 40_000


def test_a_collapsed_network_is_compared_as_a_whole(monkeypatch):
    monkeypatch.setattr(search, "IMAGES", 256)
    found = nearest(torch.ones(3, 8), torch.ones(2000, 8), NegativeSquaredL2(normalized=False), 4)
    assert found.rows.tolist() == [[0, 1, 2, 3]] * 3


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_other_precisions_are_taken_as_they_are(dtype):
    gallery = set_of("random", 500).to(dtype)
    scores, rows = brute_force(gallery[:4], gallery, CosineSimilarity(), 3)
    found = nearest(gallery[:4], gallery, CosineSimilarity(), 3)
    assert torch.equal(found.rows, rows)
    assert torch.equal(found.scores, scores)


@pytest.mark.parametrize("scale", [1e-11, 1e17, 2e19, 1e30])
@pytest.mark.parametrize("longer", ["probes", "gallery", "both"])
@pytest.mark.usefixtures("product")
def test_directions_are_compared_whatever_the_lengths(scale, longer, monkeypatch):
    monkeypatch.setattr(search, "IMAGES", 200)
    gallery, probes = set_of("random", 900), set_of("random", 12, seed=1)
    gallery, probes = gallery * (scale if longer != "probes" else 1), probes * (scale if longer != "gallery" else 1)
    scores, rows = brute_force(probes, gallery, CosineSimilarity(), 5)
    found = nearest(probes, gallery, CosineSimilarity(), 5)
    assert torch.equal(found.rows, rows)
    assert torch.equal(found.scores, scores)


@pytest.mark.usefixtures("product")
def test_probes_that_only_float64_holds_have_a_direction_too(monkeypatch):
    monkeypatch.setattr(search, "IMAGES", 200)
    gallery, probes = set_of("random", 900).double(), set_of("random", 12, seed=1).double() * 1e60
    found = nearest(probes, gallery, CosineSimilarity(), 5)
    assert torch.equal(found.rows, brute_force(probes, gallery, CosineSimilarity(), 5)[1])


@pytest.mark.parametrize("similarity", [*PRODUCTS[::2], NegativeL1(normalized=True)], ids=repr)
@pytest.mark.parametrize("where", ["probes", "gallery"])
def test_what_has_no_direction_is_refused(similarity, where):
    gallery, probes = set_of("random", 300), set_of("random", 12, seed=1)
    (gallery if where == "gallery" else probes)[[3, 7]] *= torch.tensor([[0.0], [1e-14]])
    with pytest.raises(ValueError, match=rf"2 of \d+ .*{where} are zero or nearly"):
        nearest(probes, gallery, similarity, 2)


def test_distances_that_float32_does_not_hold_are_refused():
    gallery, similarity = set_of("random", 300), NegativeSquaredL2(normalized=False)
    with pytest.raises(ValueError, match="4 of 4 probes are so long"):
        nearest(gallery[:4] * 1e20, gallery, similarity, 2)
    with pytest.raises(ValueError, match="300 of 300 embeddings in a block of the gallery are so long"):
        nearest(gallery[:4], gallery * 1e20, similarity, 2)
    with pytest.raises(ValueError, match="from the mean of the probes, and distances above"):
        nearest(gallery[:4], gallery * 1e18, similarity, 2)


@pytest.mark.parametrize("scale", [1e-20, 1e-25])
@pytest.mark.usefixtures("product")
def test_squares_that_float32_rounds_to_zero_are_told_apart(scale, monkeypatch):
    monkeypatch.setattr(search, "IMAGES", 200)
    gallery, probes = set_of("random", 900) * scale, set_of("random", 12, seed=1) * scale
    similarity = NegativeSquaredL2(normalized=False)
    found, rows = nearest(probes, gallery, similarity, 5).rows, brute_force(probes, gallery, similarity, 5)[1]
    assert scale < 1e-22 or torch.equal(found, rows)  # where float32 holds no score there are only ties
    assert (found >= 0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.usefixtures("product")
def test_far_from_the_origin_the_result_depends_on_no_block(dtype, monkeypatch):
    far = {torch.float32: 1e4, torch.float64: 1e8}[dtype]
    gallery, probes = (set_of("random", rows, seed=seed).to(dtype) + far for rows, seed in ((3000, 0), (20, 1)))
    similarity = NegativeSquaredL2(normalized=False)
    scores, rows = brute_force(probes, gallery, similarity, 5)
    for images in (64, 3000):
        monkeypatch.setattr(search, "IMAGES", images)
        found = nearest(probes, gallery, similarity, 5)
        assert torch.equal(found.rows, rows)
        assert torch.equal(found.scores, scores)


def test_a_gallery_is_not_changed():
    gallery = set_of("random", 300)
    before, similarity = gallery.clone(), NegativeSquaredL2(normalized=False)
    nearest(gallery[:3], gallery, similarity, 2)
    assert torch.equal(gallery, before)


@pytest.mark.parametrize(
    ("probes", "gallery", "k", "message"),
    [
        (torch.ones(2, 3), torch.ones(0, 3), 1, "gallery is empty"),
        (torch.ones(2, 3), torch.ones(4, 3), 5, "has 1 to 4 nearest ones, not 5"),
        (torch.ones(2, 3), torch.ones(4, 3), 0, "not 0"),
        (torch.ones(2, 3), torch.ones(4, 2), 1, "probes have 3 numbers and those of the gallery 2"),
        (torch.ones(0, 3), torch.ones(4, 3), 1, "no probes"),
        (torch.ones(2, 3) / 0, torch.ones(4, 3), 1, "NaN or infinite"),
        (torch.ones(2, 3), torch.ones(4, 3) * torch.nan, 1, "of the gallery hold NaN"),
    ],
)
@pytest.mark.parametrize("similarity", [CosineSimilarity(), NegativeL1(normalized=False)], ids=repr)
def test_what_can_not_be_searched_is_refused(probes, gallery, k, message, similarity):
    with pytest.raises(ValueError, match=message):
        nearest(probes, gallery, similarity, k)
