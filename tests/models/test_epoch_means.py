import torch

from resemblance.models.epoch_means import EpochMeans


def test_means_of_what_was_known_and_nothing_of_what_never_was():
    means = EpochMeans()
    nan = torch.tensor(torch.nan)
    means.add({"loss": torch.tensor(1.0), "genuine": torch.tensor(0.5), "never": nan})
    means.add({"loss": torch.tensor(3.0), "genuine": nan, "never": nan, "late": torch.tensor(7.0)})
    assert means.take() == {"loss": 2.0, "genuine": 0.5, "late": 7.0}


def test_an_epoch_starts_from_nothing():
    means = EpochMeans()
    assert means.take() == {}
    means.add({"loss": torch.tensor(1.0)})
    means.take()
    means.add({"loss": torch.tensor(4.0)})
    assert means.take() == {"loss": 4.0}
