"""Lake's runs as episodes: rows of the test set, found by their pixels; and the few of them that a rehearsal keeps."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from resemblance.data.faces import FaceDataset
from resemblance.data.omniglot.files import Run
from resemblance.data.stores import Store
from resemblance.embeddings import EpisodeList
from resemblance.errors import DataError

FEW, FEW_IMAGES, FEW_RUNS = 16, 3, 2
"""Characters of a rehearsal's set, drawings of each, and runs."""


def as_episodes(
    store: Store, runs: Sequence[Run], test: FaceDataset, decode: Callable[[Store, Sequence[str]], Tensor]
) -> EpisodeList:
    """The runs' own image files are copies of drawings of the test set; their pixels tell of which.

    Args:
        store: where the runs' images lie.
        runs: of equal shape.
        test: the drawings.
        decode: paths in a store → uint8 [N, 3, S, S], as the test set's drawings were decoded.

    Raises:
        DataError: for runs of unequal shape, and images that are not among the test set's.
    """
    shapes = {(len(run.support), len(run.queries)) for run in runs}
    if len(shapes) > 1 or min(map(min, shapes)) == 0:
        raise DataError(
            f"The one-shot runs at '{store}' differ in their numbers of images; download the one-shot runs again."
        )
    row_of = {image.tobytes(): row for row, image in enumerate(test.images[:, 0].numpy())}

    def rows(paths: Sequence[list[str]]) -> Tensor:
        images = decode(store, [path for of_run in paths for path in of_run])[:, 0].numpy()
        found = [row_of.get(image.tobytes()) for image in images]
        if missing := sum(row is None for row in found):
            raise DataError(
                f"{missing} of the {len(found)} images of the one-shot runs at '{store}' are not among the "
                f"drawings of images_evaluation; take both from the same release of Omniglot."
            )
        return torch.tensor(found, dtype=torch.int64).view(len(paths), -1)

    return EpisodeList(
        support=rows([list(run.support) for run in runs])[..., None],
        queries=rows([list(run.queries) for run in runs]),
        answers=torch.tensor([run.answers for run in runs]),
        name=f"{len(runs)} fixed runs",
    )


def cut_down(test: FaceDataset, episodes: EpisodeList | None) -> tuple[FaceDataset, EpisodeList | None]:
    """The images of two runs, and more of their characters up to three; without runs, some characters."""
    if episodes is None:
        wanted = torch.arange(min(FEW, test.num_identities))
        first = torch.zeros(len(test), dtype=torch.bool)
    else:
        rows = torch.cat([episodes.support[:FEW_RUNS].flatten(), episodes.queries[:FEW_RUNS].flatten()])
        first = torch.zeros(len(test), dtype=torch.bool).index_fill_(0, rows, True)
        wanted = test.identities[rows].unique()
    kept = first.clone()
    for identity in wanted.tolist():
        own = (test.identities == identity).nonzero()[:, 0]
        room = max(0, FEW_IMAGES - int(first[own].sum()))
        kept[own[~first[own]][:room]] = True
    rows = kept.nonzero()[:, 0]
    place = torch.full((len(test),), -1).index_put_((rows,), torch.arange(len(rows)))
    small = FaceDataset(
        test.images[rows],
        torch.searchsorted(wanted, test.identities[rows]),
        [test.image_ids[row] for row in rows.tolist()],
        [test.identity_names[identity] for identity in wanted.tolist()],
    )
    if episodes is None:
        return small, None
    cut = slice(0, FEW_RUNS)
    return small, EpisodeList(
        place[episodes.support[cut]], place[episodes.queries[cut]], episodes.answers[cut], f"{FEW_RUNS} fixed runs"
    )
