"""Every loss in every setting that changes its path, for the tests of what all losses promise."""

from resemblance.losses import DeepSpeakerLoss
from tests.losses.makers_classification import CLASSIFICATION, SIZE
from tests.losses.makers_pairs import PAIRS, WITH_PROXIES
from tests.losses.makers_triplets import TRIPLETS

PAIRWISE = {**TRIPLETS, **PAIRS}
"""Those that compare images with each other."""


def in_training(loss, share):
    """A loss that changes on the way, at a share of the training."""
    loss.tell_progress(share)
    return loss


RECIPES = {
    f"deep_speaker-{stage}": lambda share=share: in_training(DeepSpeakerLoss(8, SIZE), share)
    for stage, share in (("softmax", 0.0), ("triplets", 1.0))
}
MAKERS = {**PAIRWISE, **WITH_PROXIES, **CLASSIFICATION, **RECIPES}

__all__ = ["MAKERS", "PAIRWISE", "SIZE"]
