import pytest
import torch

from resemblance.errors import ConfigurationError
from resemblance.losses.checks import check_device, check_size, check_weights, check_whole_number


@pytest.mark.parametrize("value", [2.5, 2.0, True, "2", None, float("nan"), 0])
def test_a_whole_number_is_one_and_is_large_enough(value):
    check_whole_number("SomeLoss", "size", 1, at_least=1)
    with pytest.raises(ConfigurationError) as refusal:
        check_whole_number("SomeLoss", "size", value, at_least=1)
    assert str(refusal.value) == f"SomeLoss needs size to be a whole number of at least 1, not {value!r}."


def test_weights_meet_embeddings_of_their_size_on_their_device():
    weight = torch.ones(4, 2, 3)
    check_weights("SomeLoss", torch.ones(5, 3), weight)
    with pytest.raises(ValueError, match=r"^SomeLoss was built with embedding_size=3 .* embeddings of size 2\.$"):
        check_weights("SomeLoss", torch.ones(5, 2), weight)
    with pytest.raises(
        ValueError, match=r"^SomeLoss is on meta and received embeddings on cpu; move them to one .*\.$"
    ):
        check_weights("SomeLoss", torch.ones(5, 3), weight.to("meta"))


def test_size_and_device_may_be_checked_alone():
    check_device("SomeLoss", torch.ones(5, 3), torch.ones(7))
    check_size("SomeLoss", torch.ones(5, 3), 3)
