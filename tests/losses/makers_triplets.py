"""The triplet family and the angular loss."""

from resemblance.losses import AngularLoss, CosineTripletLoss, TripletLoss

MININGS = ("semihard", "hard", "all")
TRIPLETS = {
    **{f"triplet-{mining}": lambda m=mining: TripletLoss(0.5, m) for mining in MININGS},
    **{f"cosine_triplet-{mining}": lambda m=mining: CosineTripletLoss(0.3, m) for mining in MININGS},
    "angular": AngularLoss,
}
