"""Base of the torchmetrics classes: collect embeddings, compare them at the end."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, TypeVar, cast

import torch
from torch import Tensor

from resemblance.embeddings import EmbeddingRows, Embeddings
from resemblance.metrics.measurable import check_embeddings
from resemblance.similarity import CosineSimilarity, Similarity

Number = TypeVar("Number", int, float)
Plotted = tuple[Any, Any]
"""matplotlib's figure and axes."""


def several(values: Number | Sequence[Number], name: str) -> tuple[Number, ...]:
    """One number or several, as several.

    Args:
        values: of a setting.
        name: of it, for the message.

    Raises:
        TypeError: for what is neither.
    """
    if isinstance(values, Real):
        return (cast("Number", values),)
    found: tuple[Any, ...] = (
        tuple(values) if isinstance(values, Iterable) and not isinstance(values, str | bytes) else (values,)
    )
    if not all(isinstance(value, Real) for value in found):
        raise TypeError(f"{name} is a number or a sequence of numbers, not {values!r}.")
    return found


class EmbeddingMetric(EmbeddingRows):
    """Figures of all images together, from batches ``metric.update(embeddings, identities, indices)``.

    A figure of comparisons is no mean over batches: the embeddings are kept, and ``compute`` makes figures of all of
    them, gathered from all processes. They do not depend on the batch size nor on the number of processes. Several of
    these classes in one ``MetricCollection`` share what they keep.

    Args:
        similarity: what judges; the cosine if not given. Scores are computed in float64 and rounded to float32.
        settings: of :class:`torchmetrics.Metric`.
    """

    is_differentiable = False
    higher_is_better: bool | None = True
    full_state_update = False
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    def __init__(self, similarity: Similarity | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.similarity = CosineSimilarity() if similarity is None else similarity

    def compute(self) -> dict[str, Tensor]:
        """The figures by name, as scalars on the metric's device.

        Raises:
            ValueError: for images that the figures can't be made of.
        """
        figures = self.figures(*self._checked_rows())
        return {name: torch.tensor(value, dtype=torch.float32, device=self.device) for name, value in figures.items()}

    def figures(self, vectors: Tensor, identities: Tensor) -> Mapping[str, float]:
        """The figures of all rows: [N, D] and int64 [N]."""
        raise NotImplementedError

    def plot(self, val: Mapping[str, Tensor] | Sequence[Mapping[str, Tensor]] | None = None, ax: Any = None) -> Plotted:
        """Draw figures as torchmetrics does.

        Args:
            val: what ``compute`` or ``forward`` gave, or several of them over time; computed if not given.
            ax: matplotlib axes to draw on; new ones if not given.
        """
        return self._plot(val, ax)  # type: ignore[arg-type]

    def _checked_rows(self) -> tuple[Tensor, Tensor]:
        vectors, identities = self.rows()
        if len(vectors) == 0:
            raise ValueError(f"{type(self).__name__} has no embeddings; call update() before compute().")
        check_embeddings(Embeddings(vectors, identities), self.similarity)
        return vectors, identities

    def _draw_line(
        self, line: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]], ax: Any, x_label: str, y_label: str, x_scale: str
    ) -> Plotted:
        """Draw a curve of all rows of all processes."""
        import matplotlib.pyplot as plt  # only who draws needs it

        with self.sync_context(dist_sync_fn=self.dist_sync_fn, should_sync=self._to_sync):
            x, y = line(*self._checked_rows())
        figure, axes = plt.subplots() if ax is None else (ax.get_figure(), ax)
        axes.step(x, y, where="post")
        axes.set(xlabel=x_label, ylabel=y_label, xscale=x_scale, ylim=(0, 1.02), title=type(self).__name__)
        axes.grid(alpha=0.3)
        return figure, axes
