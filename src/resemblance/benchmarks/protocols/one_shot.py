"""One-shot episodes: ours, and the loop over episodes that one would write in plain torch."""

from collections.abc import Callable

from torch.nn.functional import normalize

from resemblance.benchmarks.protocols.cases import LFW_IMAGES, WAYS, Case
from resemblance.benchmarks.protocols.inputs import embeddings
from resemblance.benchmarks.protocols.trials import Answer
from resemblance.metrics.one_shot import sample_episodes
from resemblance.protocols import OneShot
from resemblance.similarity import CosineSimilarity

_KEY = f"one_shot/{WAYS}_way_1_shot"


def ours(case: Case, device: str) -> Callable[[], Answer]:
    """The protocol with its interval and replicates."""
    known, source = embeddings(LFW_IMAGES)
    protocol = OneShot(ways=(WAYS,), episodes=case.size)
    return lambda: Answer({"accuracy": protocol(known, CosineSimilarity()).scalars[_KEY].value}, source=source)


def plain_loop(case: Case, device: str) -> Callable[[], Answer]:
    """The same episodes one after the other, in float32 and without an interval."""
    known, source = embeddings(LFW_IMAGES)

    def call() -> Answer:
        episodes = sample_episodes(known.identities, ways=WAYS, shots=1, episodes=case.size)
        right = 0
        for support, queries, answers in zip(episodes.support, episodes.queries, episodes.answers, strict=True):
            enrolled, asked = (normalize(known.vectors[rows], dim=1) for rows in (support[:, 0], queries))
            right += int(((asked @ enrolled.T).argmax(1) == answers).sum())
        return Answer({"accuracy": right / episodes.queries.numel()}, source=source)

    return call
