import math

import torch

from resemblance.models.epoch_means import EpochMeans

CPU = torch.device("cpu")


def test_means_of_what_was_known_and_nothing_of_what_never_was():
    means = EpochMeans()
    means.add({"loss": 1.0, "genuine": 0.5, "never": math.nan})
    means.add({"loss": 3.0, "genuine": math.nan, "never": math.nan, "late": 7.0})
    assert means.take(CPU) == {"loss": 2.0, "genuine": 0.5, "late": 7.0}


def test_an_epoch_starts_from_nothing():
    means = EpochMeans()
    assert means.take(CPU) == {}
    means.add({"loss": 1.0})
    means.take(CPU)
    means.add({"loss": 4.0})
    assert means.take(CPU) == {"loss": 4.0}
