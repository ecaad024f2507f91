"""How several images of one identity, or of one class, make one score."""

from typing import Literal, get_args

Fusion = Literal["max", "mean"]
"""By the most similar of them, or by the similarity to their mean (a template, or a class's prototype)."""


def check_fusion(fusion: str) -> None:
    """Refuse a fusion that does not exist, rather than take it for one that does.

    Raises:
        ValueError: naming those that do.
    """
    if fusion not in get_args(Fusion):
        raise ValueError(f"fusion is 'max' or 'mean', not '{fusion}'.")
