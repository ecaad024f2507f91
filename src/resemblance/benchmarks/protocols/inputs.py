"""Embeddings to measure protocols with: of LFW's photographs where they are at hand, otherwise drawn to its counts."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from resemblance.benchmarks.protocols.cases import EMBEDDING_SIZE, LFW_IMAGES
from resemblance.data.lfw.archive import read_list
from resemblance.data.lfw.protocol_files import image_id, parse_pairs
from resemblance.data.roots import VARIABLE
from resemblance.embeddings import Embeddings
from resemblance.errors import DataError

# fmt: off
LFW_PEOPLE = {
    1: 4069, 2: 779, 3: 291, 4: 187, 5: 112, 6: 55, 7: 39, 8: 33, 9: 26, 10: 15, 11: 16, 12: 10, 13: 11, 14: 10,
    15: 11, 16: 3, 17: 8, 18: 5, 19: 7, 20: 5, 21: 4, 22: 5, 23: 3, 24: 3, 25: 1, 26: 2, 27: 1, 28: 2, 29: 2, 30: 2,
    31: 2, 32: 3, 33: 3, 35: 1, 36: 1, 37: 1, 39: 2, 41: 2, 42: 2, 44: 1, 48: 1, 49: 1, 52: 2, 53: 1, 55: 1, 60: 1,
    71: 1, 77: 1, 109: 1, 121: 1, 144: 1, 236: 1, 530: 1,
}
# fmt: on
"""How many of LFW's 5,749 people have 1, 2, … 530 images; 13,233 in all."""
GENUINE_COSINE = 0.35
"""Expected cosine of two synthetic embeddings of one person; of two people it is 0."""
_ROWS = 10_000  # of a gallery drawn at a time

REAL = "dlib's embeddings of LFW"
SYNTHETIC = "synthetic embeddings with LFW's numbers of images a person"


def embeddings(images: int) -> tuple[Embeddings, str]:
    """Embeddings [N, 128], and what they are: dlib's for N = 13,233 where they are at hand, else synthetic ones."""
    if images == LFW_IMAGES and (file := _dlib_file()):
        return _dlib(file)[0], REAL
    identities = lfw_like_identities(images)
    return Embeddings(_draw(identities), identities), SYNTHETIC


def view_2(pairs: int) -> tuple[Embeddings, Tensor, Tensor, Tensor, str]:
    """LFW View 2: embeddings, the rows of both images of each pair and its fold, each int64 [M], and what they are.

    Where the list or the embeddings are not at hand, a list with the same structure: ten folds of people of their own,
    each with as many genuine as impostor pairs.
    """
    if pairs == 6_000 and (file := _dlib_file()):
        try:
            folds = parse_pairs(read_list(file.parent, "pairs.txt"), "pairs.txt")
        except DataError:
            pass
        else:
            known, rows = _dlib(file)
            listed = [(fold, pair) for fold, members in enumerate(folds) for pair in members]
            first, second = (
                torch.tensor([rows[image_id(*pair.images[side])] for _, pair in listed]) for side in (0, 1)
            )
            return known, first, second, torch.tensor([fold for fold, _ in listed]), f"{REAL}, its list pairs.txt"
    drawn, source = embeddings(LFW_IMAGES if pairs == 6_000 else 4 * pairs)
    return drawn, *_synthetic_pairs(drawn.identities, pairs), f"{source}, a list like pairs.txt"


def gallery(size: int) -> Iterator[tuple[slice, Tensor]]:
    """Rows and their unit embeddings, float32 [R, 128], block by block and the same in every process."""
    for number, rows in enumerate(torch.arange(size).split(_ROWS)):
        generator = torch.Generator().manual_seed(number)
        drawn = torch.randn(len(rows), EMBEDDING_SIZE, generator=generator)
        unit = drawn.div_(torch.linalg.vector_norm(drawn, dim=1, keepdim=True))
        yield slice(int(rows[0]), int(rows[-1]) + 1), unit


def probes(count: int) -> Tensor:
    """Unit embeddings, float32 [P, 128]: blurred copies of the first enrolled ones, so that a search finds some."""
    _, first = next(gallery(_ROWS))
    enrolled = first[:count]
    generator = torch.Generator().manual_seed(count)
    blurred = enrolled + torch.randn(enrolled.shape, generator=generator) / EMBEDDING_SIZE**0.5
    return torch.nn.functional.normalize(blurred)


def lfw_like_identities(images: int) -> Tensor:
    """int64 [N]: people with LFW's numbers of images, drawn in a fixed order, over again as often as it takes."""
    counts = torch.tensor([n for n, people in LFW_PEOPLE.items() for _ in range(people)])
    counts = counts[torch.randperm(len(counts), generator=torch.Generator().manual_seed(0))]
    counts = counts.repeat(images // LFW_IMAGES + 1)
    return torch.repeat_interleave(counts)[:images]


def _draw(identities: Tensor) -> Tensor:
    generator = torch.Generator().manual_seed(len(identities))
    centres = torch.randn(int(identities.max()) + 1, EMBEDDING_SIZE, generator=generator)
    noise = torch.randn(len(identities), EMBEDDING_SIZE, generator=generator)
    return noise.mul_((1 - GENUINE_COSINE) ** 0.5).add_(centres[identities], alpha=GENUINE_COSINE**0.5)


def _dlib_file() -> Path | None:
    base = os.environ.get(VARIABLE)
    file = Path(base).expanduser() / "lfw" / "lfw_dlib_128d.npz" if base else None
    return file if file and file.is_file() else None


def _dlib(file: Path) -> tuple[Embeddings, dict[str, int]]:
    with np.load(file) as saved:
        names, vectors = saved["names"].tolist(), torch.from_numpy(saved["emb"].astype(np.float32))
    _, identities = np.unique([name.rsplit("_", 1)[0] for name in names], return_inverse=True)
    rows = {name: row for row, name in enumerate(names)}
    return Embeddings(vectors, torch.from_numpy(identities.astype(np.int64))), rows


def _synthetic_pairs(identities: Tensor, pairs: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(pairs)
    people = int(identities.max()) + 1
    fold_of_person = torch.randperm(people, generator=generator) % 10
    each = pairs // 20
    first, second = [], []
    for fold in range(10):
        rows = (fold_of_person[identities] == fold).nonzero().flatten()
        same = identities[rows][:, None] == identities[rows]
        for wanted in (same.triu(diagonal=1), (~same).triu()):
            candidates = wanted.nonzero()
            chosen = torch.randperm(len(candidates), generator=generator)[:each]
            first.append(rows[candidates[chosen, 0]])
            second.append(rows[candidates[chosen, 1]])
    folds = torch.repeat_interleave(torch.arange(20) // 2, torch.tensor([len(part) for part in first]))
    return torch.cat(first), torch.cat(second), folds
