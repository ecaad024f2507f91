"""One-shot classification in the episodes that a benchmark fixes."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings, EpisodeList
from resemblance.errors import DataError
from resemblance.metrics.fusion import Fusion
from resemblance.metrics.one_shot import one_shot_hits
from resemblance.metrics.uncertainty import interval_over_folds
from resemblance.protocols.base import check_embeddings
from resemblance.protocols.enrolment import check_fusion
from resemblance.protocols.estimates import measured
from resemblance.protocols.one_shot import episode_estimate
from resemblance.results import Result
from resemblance.similarity import Similarity


@dataclass(frozen=True)
class FixedEpisodes:
    """Accuracy of the one-shot episodes that a benchmark fixes, such as Lake's 20 runs of Omniglot.

    Reports ``one_shot_runs/accuracy``, with a t interval over the episodes (runs).

    Args:
        episodes: as rows of the set.
        fusion: of several support images of a class, as in :class:`OneShot`.

    Raises:
        ConfigurationError: for another fusion.
    """

    needs: ClassVar[tuple[str, ...]] = ("episodes",)

    episodes: EpisodeList
    fusion: Fusion = "max"

    def __post_init__(self) -> None:
        check_fusion("FixedEpisodes", self.fusion)

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The figure of the list.

        Raises:
            DataError: if the list does not belong to this set, or the similarity can't judge an embedding.
        """
        check_embeddings(embeddings, similarity)
        episodes = self.episodes
        _check_list(episodes, embeddings.identities)
        hits = one_shot_hits(embeddings.vectors, episodes, similarity, fusion=self.fusion)
        label = f"{episodes.ways}-way {episodes.shots}-shot accuracy ({episodes.name})"
        found = interval_over_folds(hits.double().mean(1).tolist(), "runs") if intervals and len(episodes) > 1 else None
        estimate = episode_estimate(label, hits, episodes, embeddings.identities, found)
        return measured({"one_shot_runs/accuracy": estimate}, embeddings.identities)


def _check_list(episodes: EpisodeList, identities: Tensor) -> None:
    """Refuse a list that does not belong to the set, or whose episodes ask for something else than their label says."""
    name, identities = f"The episode list '{episodes.name}'", identities.cpu()
    support, queries, answers = episodes.support.cpu(), episodes.queries.cpu(), episodes.answers.cpu()
    if support.ndim != 3 or queries.shape[:1] != support.shape[:1] or answers.shape != queries.shape:
        raise DataError(
            f"{name} has support {list(support.shape)}, queries {list(queries.shape)} and answers "
            f"{list(answers.shape)}, which should be [E, W, K], [E, Q] and [E, Q]."
        )
    rows = torch.cat([support.flatten(), queries.flatten()])
    if support.numel() == 0 or queries.numel() == 0:
        raise DataError(f"{name} is empty; a rate needs at least one query.")
    if rows.min() < 0 or rows.max() >= len(identities):
        raise DataError(
            f"{name} names rows {int(rows.min())} to {int(rows.max())} of a set of {len(identities)} images; it "
            f"belongs to another set."
        )
    ways = episodes.ways
    if ways < 2:
        raise DataError(f"{name} has 1 class in each episode, which can't be missed; it needs two or more.")
    if answers.min() < 0 or answers.max() >= ways:
        raise DataError(
            f"{name} has answers from {int(answers.min())} to {int(answers.max())}, which should be places 0 to "
            f"{ways - 1} among the {ways} classes of an episode."
        )
    classes, asked = identities[support], identities[queries]
    first = classes[:, :, 0]
    if wrong := int((first.gather(1, answers) != asked).sum()):
        raise DataError(
            f"{wrong} of the {asked.numel()} answers of the episode list '{episodes.name}' contradict the identities "
            f"of the images; the list belongs to another set, or its rows are in another order."
        )
    if mixed := int((classes != first[:, :, None]).any(2).sum()):
        raise DataError(
            f"{name} has {mixed} classes whose support images show several identities; give each class images of one."
        )
    if shared := int((first.sort(1).values.diff(dim=1) == 0).any(1).sum()):
        raise DataError(
            f"{name} has {shared} episodes in which one identity makes two classes; give each class one of its own."
        )
    if own := int((queries[:, :, None] == support.flatten(1)[:, None]).any(2).sum()):
        raise DataError(
            f"{name} has {own} queries that are support images of their own episode and would find themselves; ask for "
            f"other images."
        )
