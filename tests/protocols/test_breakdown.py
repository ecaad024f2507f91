from functools import partial

import pytest
import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics import ascending, auc, equal_error_rate, tar_at_far
from resemblance.protocols import Breakdown, all_pairs_scores, rate_key
from resemblance.protocols.counting import count_all_pairs
from resemblance.results import Result
from resemblance.similarity import CosineSimilarity

COUNTS = ("group", "images", "subjects", "genuine", "impostor")


@pytest.fixture
def clear_and_blurred(make_embeddings):
    """60 identities with 4 clear and 4 blurred images each."""
    identities = torch.arange(480) // 8
    faces = make_embeddings(identities, spread=0.3)
    blurred = torch.arange(480) % 2 == 1
    noise = torch.randn(faces.vectors.shape, generator=torch.Generator().manual_seed(8)) * 4
    return Embeddings(faces.vectors + noise * blurred[:, None], identities), [
        "blurred" if is_blurred else "clear" for is_blurred in blurred
    ]


def rows_of(table):
    return {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}


def test_figures_are_those_of_the_group_at_the_threshold_of_all(clear_and_blurred):
    faces, quality = clear_and_blurred
    similarity = CosineSimilarity()
    result = Breakdown({"quality": quality}, fars=(1e-2, 1e-3))(faces, similarity)
    assert list(result.tables) == ["breakdown/quality"]
    rows = rows_of(result.tables["breakdown/quality"])
    assert list(rows) == ["blurred", "clear"]
    genuine, impostor = map(ascending, all_pairs_scores(faces, similarity))
    for name, row in rows.items():
        members = torch.tensor([value == name for value in quality])
        own = Embeddings(faces.vectors[members], faces.identities[members])
        own_genuine, own_impostor = all_pairs_scores(own, similarity)
        assert [row[count] for count in COUNTS] == [name, 240, 60, len(own_genuine), len(own_impostor)]
        assert row["auc"] == auc(own_genuine, own_impostor)
        assert row["eer"] == equal_error_rate(own_genuine, own_impostor)
        for key, far in (("1e_2", 1e-2), ("1e_3", 1e-3)):
            threshold = tar_at_far(genuine, impostor, far).threshold
            assert row[f"tar_at_far_{key}"] == (own_genuine > threshold).double().mean()
            assert row[f"fmr_at_far_{key}"] == (own_impostor > threshold).double().mean()
            for figure in ("tar", "fmr"):
                low, high = row[f"{figure}_at_far_{key}_low"], row[f"{figure}_at_far_{key}_high"]
                assert low <= row[f"{figure}_at_far_{key}"] <= high
    assert rows["clear"]["tar_at_far_1e_2_low"] > rows["blurred"]["tar_at_far_1e_2_high"]
    assert Result.from_json(result.to_json()) == result


@pytest.mark.parametrize("exact", [True, False])
def test_the_whole_set_as_one_group_has_the_whole_sets_rates(clear_and_blurred, monkeypatch, exact):
    """With few scores in memory the threshold may be another one of the same TAR: its FAR is never above the target."""
    faces, _ = clear_and_blurred
    fars = (1e-1, 0.999, 1e-2, 1e-3)
    if not exact:
        few = partial(count_all_pairs, highest=50, waiting=1000)
        monkeypatch.setattr("resemblance.protocols.breakdown.count_all_pairs", few)
    table = Breakdown({"all": ["x"] * 480}, fars=fars)(faces, CosineSimilarity()).tables["breakdown/all"]
    (row,) = rows_of(table).values()
    genuine, impostor = map(ascending, all_pairs_scores(faces, CosineSimilarity()))
    for far in fars:
        point = tar_at_far(genuine, impostor, far)
        tar, fmr = (row[f"{figure}_at_far_{rate_key(far)}"] for figure in ("tar", "fmr"))
        assert tar == point.tar
        assert fmr == point.far_achieved if exact else fmr <= point.far_achieved


def test_columns_are_chosen(clear_and_blurred):
    faces, quality = clear_and_blurred
    metadata = {"quality": quality, "place": [float(row) for row in range(480)]}
    assert list(Breakdown(metadata)(faces, CosineSimilarity()).tables) == ["breakdown/quality", "breakdown/place"]
    assert list(Breakdown(metadata, ("place",))(faces, CosineSimilarity()).tables) == ["breakdown/place"]


def test_groups_too_small_and_rates_too_low_are_listed_with_the_reason(clear_and_blurred):
    faces, quality = clear_and_blurred
    quality = ["rare", None, *quality[2:]]
    result = Breakdown({"quality": quality}, fars=(1e-2, 1e-9))(faces, CosineSimilarity())
    assert list(rows_of(result.tables["breakdown/quality"])) == ["blurred", "clear"]
    refused = dict(result.tables["breakdown/refused"].rows)
    assert set(refused) == {"the common threshold at FAR=1e-9", "quality: rare", "quality: no value"}
    assert refused["quality: rare"] == (
        "its 1 image of 1 identity makes 0 genuine and 0 impostor comparisons; figures need 30 of each."
    )


def test_a_column_of_identities_has_no_impostors(clear_and_blurred):
    faces, _ = clear_and_blurred
    faces = Embeddings(faces.vectors[:320], faces.identities[:320])
    tables = Breakdown({"person": [f"p{label}" for label in faces.identities.tolist()]})(
        faces, CosineSimilarity()
    ).tables
    assert list(tables) == ["breakdown/refused"]
    assert len([figure for figure, _ in tables["breakdown/refused"].rows if figure.startswith("person: ")]) == 40


def test_without_intervals_their_columns_are_not_there(clear_and_blurred):
    faces, quality = clear_and_blurred
    table = Breakdown({"quality": quality}, fars=(0.1,))(faces, CosineSimilarity(), intervals=False).tables[
        "breakdown/quality"
    ]
    assert table.columns == (*COUNTS, "auc", "eer", "tar_at_far_1e_1", "fmr_at_far_1e_1")


def test_what_it_refuses(clear_and_blurred):
    faces, quality = clear_and_blurred
    with pytest.raises(DataError, match="no column 'age' to break down by; they have: quality"):
        Breakdown({"quality": quality}, ("age",))(faces, CosineSimilarity())
    with pytest.raises(DataError, match="'quality' has 479 values for 480 images"):
        Breakdown({"quality": quality[1:]})(faces, CosineSimilarity())
    with pytest.raises(ConfigurationError, match="column twice"):
        Breakdown({}, ("age", "age"))
    with pytest.raises(ConfigurationError, match="Breakdown takes fars"):
        Breakdown({}, fars=(2.0,))


def test_a_column_that_names_images_is_refused_as_a_whole(clear_and_blurred):
    faces, quality = clear_and_blurred
    metadata = {"file": [f"{row}.png" for row in range(480)], "quality": quality}
    result = Breakdown(metadata, fars=(0.1,))(faces, CosineSimilarity(), intervals=False)
    assert set(result.tables) == {"breakdown/quality", "breakdown/refused"}
    ((figure, reason),) = result.tables["breakdown/refused"].rows
    assert figure == "file"
    assert reason == "its 480 groups make it an identifier; a breakdown has at most 50 groups a column."
    fifty = Breakdown({"file": [f"{row % 50}.png" for row in range(480)]}, fars=(0.1,))
    rows = fifty(faces, CosineSimilarity(), intervals=False).tables["breakdown/refused"].rows
    assert len(rows) == 50, "each by itself, for lack of genuine comparisons"
