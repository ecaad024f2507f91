"""Every loss in every setting that changes its path, for the tests of what all losses promise."""

from tests.losses.makers_classification import CLASSIFICATION, SIZE
from tests.losses.makers_pairs import PAIRS, WITH_PROXIES
from tests.losses.makers_triplets import TRIPLETS

PAIRWISE = {**TRIPLETS, **PAIRS}
"""Those that compare images with each other."""
MAKERS = {**PAIRWISE, **WITH_PROXIES, **CLASSIFICATION}

__all__ = ["MAKERS", "PAIRWISE", "SIZE"]
