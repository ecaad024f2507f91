"""The losses on pairs and on lists of pairs."""

from resemblance.losses import ContrastiveLoss

PAIRS = {
    **{
        f"contrastive-{distance}-{mining}": lambda d=distance, m=mining: ContrastiveLoss(d, mining=m, embedding_size=6)
        for distance in ("squared_l2", "l1", "l2")
        for mining in ("all", "hard")
    },
    "contrastive-raw": lambda: ContrastiveLoss(normalized=False, margin=9.0),
}
