"""Checks of arguments and batches: each refusal is one sentence with the parameter, its value and what is allowed."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from resemblance.errors import ConfigurationError


def check_choice(loss: str, parameter: str, value: object, allowed: Sequence[str]) -> None:
    """Refuse a name that is not one of ``allowed``.

    Raises:
        ConfigurationError: naming the loss, the parameter, its value and every allowed name.
    """
    if value not in allowed:
        raise ConfigurationError(
            f"{loss} does not know {parameter}={value!r}; choose {', '.join(allowed[:-1])} or {allowed[-1]}."
        )


def check_range(
    loss: str,
    parameter: str,
    value: object,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
) -> None:
    """Refuse what is not a finite number within the given bounds; words and NaN are refused too.

    Raises:
        ConfigurationError: naming the loss, the parameter, its value and the range.
    """
    number = math.nan if isinstance(value, bool) or not isinstance(value, (int, float)) else value
    fits = (
        math.isfinite(number)
        and (above is None or number > above)
        and (at_least is None or number >= at_least)
        and (at_most is None or number <= at_most)
        and (below is None or number < below)
    )
    if not fits:
        bounds = (("above", above), ("of at least", at_least), ("of at most", at_most), ("below", below))
        wanted = " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)
        raise ConfigurationError(f"{loss} needs {parameter} to be a number {wanted}, not {value!r}.")


def check_whole_number(loss: str, parameter: str, value: object, *, at_least: int) -> None:
    """Refuse what is not an integer of at least ``at_least``; 2.5 and 2.0 are refused too.

    Raises:
        ConfigurationError: naming the loss, the parameter, its value and the smallest allowed.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise ConfigurationError(
            f"{loss} needs {parameter} to be a whole number of at least {at_least}, not {value!r}."
        )


def check_weights(loss: str, embeddings: Tensor, weight: Tensor) -> None:
    """Refuse embeddings [B, D] that the loss's own weights [..., D] can't meet: of another size or on another device.

    Raises:
        ValueError: naming the loss and what differs.
    """
    check_size(loss, embeddings, weight.shape[-1])
    check_device(loss, embeddings, weight)


def check_device(loss: str, embeddings: Tensor, weight: Tensor) -> None:
    """Refuse embeddings on another device than the loss's own weights, of whatever shape these are.

    Raises:
        ValueError: naming the loss and both devices.
    """
    if embeddings.device != weight.device:
        raise ValueError(
            f"{loss} is on {weight.device} and received embeddings on {embeddings.device}; move them to one device."
        )


def check_size(loss: str, embeddings: Tensor, embedding_size: int) -> None:
    """Refuse embeddings [B, D] of another size than the loss's own weights have.

    Raises:
        ValueError: naming the loss and both sizes.
    """
    if embeddings.shape[1] != embedding_size:
        raise ValueError(
            f"{loss} was built with embedding_size={embedding_size} and received embeddings of size "
            f"{embeddings.shape[1]}."
        )


def check_labels(loss: str, identities: Tensor, num_identities: int) -> None:
    """Refuse labels outside 0 … C − 1, which on an accelerator end the process with an error far from its cause.

    Raises:
        ValueError: naming the loss, the range and a label outside it.
    """
    lowest, highest = torch.stack(identities.aminmax()).tolist()
    if lowest < 0 or highest >= num_identities:
        raise ValueError(
            f"{loss} was built with num_identities={num_identities}, so labels run from 0 to {num_identities - 1}, but "
            f"the batch holds {lowest if lowest < 0 else highest}."
        )
