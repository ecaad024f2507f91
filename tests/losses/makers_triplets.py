"""The triplet family and the angular loss."""

from resemblance.losses import AngularLoss, BatchHardTripletLoss, CosineTripletLoss, RobustTripletLoss, TripletLoss
from resemblance.losses.mining import TRIPLET_MININGS


def robust(progress: float) -> RobustTripletLoss:
    loss = RobustTripletLoss(0.5, hard_share=1)
    loss.tell_progress(progress)
    return loss


TRIPLETS = {
    # Where a mining draws, evaluation mode makes it draw alike each time.
    **{f"triplet-{mining}": lambda m=mining: TripletLoss(0.5, m).eval() for mining in TRIPLET_MININGS},
    **{f"cosine_triplet-{mining}": lambda m=mining: CosineTripletLoss(0.3, m).eval() for mining in TRIPLET_MININGS},
    "batch_hard-soft": BatchHardTripletLoss,
    "batch_hard-hinge": lambda: BatchHardTripletLoss(0.5, normalized=True),
    **{f"triplet_robust-{progress}": lambda p=progress: robust(p) for progress in (0.0, 0.6, 1.0)},
    "angular": AngularLoss,
}
