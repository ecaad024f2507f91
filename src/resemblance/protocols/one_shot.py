"""One-shot classification in random episodes: N classes of K images each, and queries that resemble one of them."""

from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings, EpisodeList
from resemblance.errors import ConfigurationError
from resemblance.metrics.fusion import Fusion
from resemblance.metrics.one_shot import (
    UnmeasurableEpisodesError,
    one_shot_hits,
    sample_episodes,
)
from resemblance.metrics.subject_means import probe_influence
from resemblance.metrics.uncertainty import Influence, Interval, interval_over_episodes
from resemblance.protocols.base import check_embeddings
from resemblance.protocols.comparisons import refused_table
from resemblance.protocols.enrolment import check_fusion
from resemblance.protocols.estimates import Estimate, measured
from resemblance.protocols.thin import thin
from resemblance.results import Result
from resemblance.similarity import Similarity

OVER_EPISODES = " (± over episodes, not training seeds)"


@dataclass(frozen=True)
class OneShot:
    """Accuracy of N-way K-shot episodes, drawn from the identities of the set.

    Each query goes to the class of the most similar support image. The episodes depend on the labels and the seed
    only, so that every network is asked the same; the interval is the mean ± 1.96 · std / √episodes, which covers the
    draw of episodes, not that of people or of training seeds. Replicates are made from what each query's identity
    adds, with the support images fixed.

    Reports ``one_shot/5_way_1_shot`` (one for each number of ways and of shots). What the set has too few identities
    or images for goes to the table ``one_shot/refused``.

    Args:
        ways: N, classes of an episode.
        shots: K, support images of a class.
        queries: query images of each class in an episode.
        episodes: how many.
        fusion: of K support images: ``max``, the most similar counts, or ``mean``, their prototype.
        seed: of the draw of episodes.

    Raises:
        ConfigurationError: for ways below 2, other counts below 1, or one that is there twice.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    ways: tuple[int, ...] = (5, 20)
    shots: tuple[int, ...] = (1,)
    queries: int = 1
    episodes: int = 1000
    fusion: Fusion = "max"
    seed: int = 0

    def __post_init__(self) -> None:
        for name, values, least in (("ways", self.ways, 2), ("shots", self.shots, 1)):
            if not values or min(values) < least or len(set(values)) < len(values):
                raise ConfigurationError(f"OneShot takes {name} from {least} up, each once, not {list(values)}.")
        for name, value, least in (("queries", self.queries, 1), ("episodes", self.episodes, 2)):
            if value < least:
                raise ConfigurationError(f"OneShot takes {name} from {least} up, not {value}.")
        check_fusion("OneShot", self.fusion)

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The figures of one set.

        Raises:
            DataError: if the similarity can't judge an embedding.
        """
        check_embeddings(embeddings, similarity)
        estimates, refused = {}, []
        for ways, shots in product(self.ways, self.shots):
            label = f"{ways}-way {shots}-shot{OVER_EPISODES}"
            try:
                episodes = sample_episodes(
                    embeddings.identities,
                    ways=ways,
                    shots=shots,
                    queries=self.queries,
                    episodes=self.episodes,
                    seed=self.seed,
                )
            except UnmeasurableEpisodesError as error:
                refused.append((label, str(error)))
                continue
            hits = one_shot_hits(embeddings.vectors, episodes, similarity, fusion=self.fusion)
            found = interval_over_episodes(hits.double().mean(1)) if intervals else None
            key = f"one_shot/{ways}_way_{shots}_shot"
            estimates[key] = episode_estimate(label, hits, episodes, embeddings.identities, found)
        return measured(estimates, embeddings.identities) | Result(tables=refused_table("one_shot", refused))


def episode_estimate(
    label: str, hits: Tensor, episodes: EpisodeList, identities: Tensor, found: Interval | None
) -> Estimate:
    """The share of the queries that were classified rightly, with what it rests on.

    Args:
        label: what a person calls it.
        hits: bool [E, Q].
        episodes: that they belong to.
        identities: int64 [N], of the whole set.
        found: its interval; without one there are no replicates either.
    """
    value = float(hits.double().mean(1).mean())  # as the interval's middle, to the last digit
    errors = int((~hits).sum())
    asked = episodes.queries.cpu()
    takes_part = torch.cat([episodes.support.flatten().cpu(), asked.flatten()])
    counts = {
        "subjects": len(identities.cpu()[takes_part].unique()),
        "episodes": len(episodes),
        "ways": episodes.ways,
        "shots": episodes.shots,
        "queries": hits.numel(),
        "errors": errors,
    }
    influence = _influence(hits, identities.cpu(), asked) if found is not None else None
    return Estimate(value, label, counts, influence, found, thin(errors))


def _influence(hits: Tensor, identities: Tensor, queries: Tensor) -> Influence:
    """What the queries of each subject add to the mean: a query counts for its own subject only."""
    labels, subjects = identities.unique(return_inverse=True)
    return probe_influence(hits.flatten(), subjects[queries.flatten()], len(labels))
