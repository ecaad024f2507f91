"""The rendered faces must need learning: what needs none does badly on them."""

import pytest
import torch

from resemblance.data.rendered import RenderedFaces
from resemblance.data.rendered.difficulty import Difficulty, main, naive_baselines, score


@pytest.fixture(scope="module")
def baselines() -> dict[str, Difficulty]:
    source = RenderedFaces(train_identities=150, test_identities=100)
    return naive_baselines(source.train(), source.test())


@pytest.mark.parametrize("name", ["8×8 thumbnails", "colour histograms", "PCA of the whole image"])
def test_naive_baselines_do_badly(baselines: dict[str, Difficulty], name: str) -> None:
    """The bounds of the data set's promise, with 100 people of 12 images, one of them in the gallery."""
    assert baselines[name].verification_auc <= 0.85
    assert baselines[name].rank_1 <= 0.20


def test_the_baselines_see_identity_where_nothing_else_varies() -> None:
    """The same baselines recognise people in a studio, so their failure is the data's doing and not theirs."""
    source = RenderedFaces(40, 2, 20, 3, image_size=32, pose_range=0.0, nuisance_strength=0.0)
    for name, result in naive_baselines(source.train(), source.test()).items():
        assert result.rank_1 > 0.9, name


def test_scores_of_known_features() -> None:
    identities = torch.tensor([0, 0, 1, 1])
    perfect = torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]])
    assert score(perfect, identities) == Difficulty(1.0, 1.0)
    swapped = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.05, 1.0], [1.0, 0.05]])
    assert score(swapped, identities) == Difficulty(0.25, 0.0)  # one genuine pair beats two of four impostor pairs


def test_the_command_prints_a_row_for_each_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    results = main(["--train-identities", "20", "--test-identities", "10"])
    printed = capsys.readouterr().out
    for name, result in results.items():
        assert name in printed
        assert f"{result.verification_auc:.3f}" in printed
