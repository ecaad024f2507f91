"""What a protocol finds: named scalars with the counts they rest on, curves and tables, as plain JSON."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from torch import Tensor

RULE_OF_30 = 30
"""Errors below which a rate is too uncertain to compare anything by (Doddington et al. 2000)."""
CLUSTER_ROBUST = "dyadic cluster-robust over subjects, logit scale"
"""Method of an interval whose width tells the degrees of freedom over subjects (metrics/uncertainty.py)."""
THINLY_SUPPORTED = "thinly supported"
"""How a note begins that tells of fewer errors than that."""


@dataclass(frozen=True)
class Scalar:
    """One figure.

    Attributes:
        value: the estimate.
        label: what a person calls it, such as ``TAR@FAR=1e-3``.
        counts: what it rests on, such as ``{"subjects": 100, "genuine": 6600, "impostor": 712800}``.
        low, high: ends of its 95 % interval, or None where none was computed.
        method: how the interval was made, or None.
        note: a reservation that belongs beside the figure, such as "thinly supported: fewer than 30 errors".
        degrees: of freedom of the variance over subjects, 1 or more, however the interval itself was made; None where
            the subjects' influence is not known, and in files that were written before they were kept.
    """

    value: float
    label: str
    counts: Mapping[str, int] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    method: str | None = None
    note: str | None = None
    degrees: float | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"{self.label} is {self.value}; a figure that can't be computed must not be reported.")

    @property
    def is_thin(self) -> bool:
        """Whether it rests on fewer errors than the rule of 30 asks for; a note may also tell of something else."""
        return self.note is not None and self.note.startswith(THINLY_SUPPORTED)


@dataclass(frozen=True)
class Curve:
    """A line to draw: ``y`` against ``x``, with what the axes mean."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    x_label: str
    y_label: str


@dataclass(frozen=True)
class Table:
    """Rows under named columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[float | int | str, ...], ...]


@dataclass(frozen=True)
class Result:
    """All that one protocol, or several merged, found on one set of embeddings.

    Keys are the same everywhere (files, W&B, tables): ``verification/auc``, ``identification/rank_1`` …

    Attributes:
        scalars: the figures.
        curves: what is drawn.
        tables: what is listed.
        replicates: for each scalar that has them, float64 [B]: the figure for B other draws of the subjects. Two runs
            on one test set have the same draws: the interval of a difference comes from a subtraction of columns.
    """

    scalars: Mapping[str, Scalar] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    replicates: "Mapping[str, Tensor]" = field(default_factory=dict, compare=False)

    def prefixed(self, prefix: str) -> "Result":
        """The same with ``prefix/`` before every key, such as the split it was measured on."""
        return Result(
            {f"{prefix}/{key}": value for key, value in self.scalars.items()},
            {f"{prefix}/{key}": value for key, value in self.curves.items()},
            {f"{prefix}/{key}": value for key, value in self.tables.items()},
            {f"{prefix}/{key}": value for key, value in self.replicates.items()},
        )

    def without_replicates(self) -> "Result":
        """The same figures, of which no paired difference will be asked for."""
        return replace(self, replicates={})

    def __or__(self, other: "Result") -> "Result":
        """Both together.

        Raises:
            ValueError: if a key is in both, for one of the two would be lost.
        """
        for ours, theirs in (
            (self.scalars, other.scalars),
            (self.curves, other.curves),
            (self.tables, other.tables),
        ):
            if shared := set(ours) & set(theirs):
                raise ValueError(f"Two protocols report the same key: {', '.join(sorted(shared))}.")
        return Result(
            {**self.scalars, **other.scalars},
            {**self.curves, **other.curves},
            {**self.tables, **other.tables},
            {**self.replicates, **other.replicates},
        )

    def to_json(self) -> str:
        """As text, without the replicates, which have a file of their own; :meth:`from_json` gives back the rest."""
        written = asdict(self.without_replicates())
        del written["replicates"]
        return json.dumps(written, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The result that :meth:`to_json` wrote."""
        data: dict[str, dict[str, dict[str, Any]]] = json.loads(text)
        return cls(
            {key: Scalar(**value) for key, value in data["scalars"].items()},
            {
                key: Curve(tuple(value["x"]), tuple(value["y"]), value["x_label"], value["y_label"])
                for key, value in data["curves"].items()
            },
            {
                key: Table(tuple(value["columns"]), tuple(tuple(row) for row in value["rows"]))
                for key, value in data["tables"].items()
            },
        )
