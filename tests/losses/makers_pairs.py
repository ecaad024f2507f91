"""The losses on pairs and on lists of pairs."""

from resemblance.losses import (
    CircleLoss,
    ContrastiveLoss,
    MultiSimilarityLoss,
    NPairAngularLoss,
    NPairLoss,
    PmlLoss,
    ProxyAnchorLoss,
    SiameseL1Loss,
    SupervisedContrastiveLoss,
)

_SIZE = 6

PAIRS = {
    **{
        f"contrastive-{distance}-{mining}": lambda d=distance, m=mining: ContrastiveLoss(
            d, mining=m, embedding_size=_SIZE
        )
        for distance in ("squared_l2", "l1", "l2")
        for mining in ("all", "hard")
    },
    "contrastive-raw": lambda: ContrastiveLoss(normalized=False, margin=9.0),
    "siamese_l1": lambda: SiameseL1Loss(_SIZE),
    "siamese_l1-as-printed": lambda: SiameseL1Loss(_SIZE, bias=False),
    "n_pair": NPairLoss,
    "n_pair_angular": NPairAngularLoss,
    "circle": lambda: CircleLoss(scale=16.0),
    "circle-faces": CircleLoss,
    "multi_similarity": MultiSimilarityLoss,
    "supervised_contrastive": SupervisedContrastiveLoss,
    "pml-pairs": lambda: PmlLoss(8, _SIZE, "NTXentLoss"),
    "pml-mined": lambda: PmlLoss(8, _SIZE, "TripletMarginLoss", {"margin": 0.5}, miner="BatchHardMiner"),
}

WITH_PROXIES = {
    "proxy_anchor": lambda: ProxyAnchorLoss(8, _SIZE),
    "pml-softmax": lambda: PmlLoss(8, _SIZE, "CosFaceLoss", {"scale": 16.0}),
}
"""Those that compare images with weights of their own."""
