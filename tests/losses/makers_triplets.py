"""The triplet family and the angular loss."""

from resemblance.losses import AngularLoss, CosineTripletLoss, TripletLoss
from resemblance.losses.mining import TRIPLET_MININGS

TRIPLETS = {
    # Where a mining draws, evaluation mode makes it draw alike each time.
    **{f"triplet-{mining}": lambda m=mining: TripletLoss(0.5, m).eval() for mining in TRIPLET_MININGS},
    **{f"cosine_triplet-{mining}": lambda m=mining: CosineTripletLoss(0.3, m).eval() for mining in TRIPLET_MININGS},
    "angular": AngularLoss,
}
