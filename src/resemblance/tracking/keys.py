"""Results of several sets in one: ``val/…``, ``test/…``, ``baseline/…`` and ``train/…``, as in files and in W&B."""

from collections.abc import Mapping
from typing import TypeVar

from resemblance.results import Result

BASELINE, TEST, TRAINING, VALIDATION = "baseline", "test", "train", "val"

_Value = TypeVar("_Value")


def merged(
    *,
    test: Result,
    baseline: Result | None = None,
    validation: Result | None = None,
    training: Result | None = None,
) -> Result:
    """All that a run found, each key with its set in front.

    Args:
        test: what was measured, on the test set.
        baseline: the untrained network on the test set.
        validation: what was measured, on the validation set.
        training: what is to be known of the training itself.
    """
    none = Result()
    return (
        (validation or none).without_replicates().prefixed(VALIDATION)
        | test.prefixed(TEST)
        | (baseline or none).without_replicates().prefixed(BASELINE)
        | (training or none).prefixed(TRAINING)
    )


def part(result: Result, prefix: str) -> Result:
    """The keys below ``prefix/``, without it: what :func:`merged` was given."""

    def below(values: Mapping[str, _Value]) -> dict[str, _Value]:
        start = f"{prefix}/"
        return {key.removeprefix(start): value for key, value in values.items() if key.startswith(start)}

    return Result(below(result.scalars), below(result.curves), below(result.tables), below(result.replicates))
