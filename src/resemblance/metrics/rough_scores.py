"""Scores by one matrix product in few digits, with the bound of their error: they rule out nearly all of a gallery."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import normalize

from resemblance.metrics.measurable import SHORTEST, UnmeasurableEmbeddingsError, check_vectors
from resemblance.similarity import Similarity

_RUNS = 64
"""Scores of each run whose maximum is looked at first."""
_FLOAT32 = 2.0**-24
_UNDERFLOW = 2.0**-126
"""Float32 products may lose this much where they are smaller."""
_LONGEST = 1e18
"""Its square fits in float32 with room for sums of some."""
_MOST = 96
"""Candidates of a probe on average; beyond, the product has ruled out too little."""


class RoughBlock(NamedTuple):
    """Embeddings of a block, prepared: ``vectors`` [b, D'] and the greatest ``norm`` among them."""

    vectors: Tensor
    norm: float


class RoughScores:
    """Products of the probes with blocks of a gallery, in bfloat16 where the hardware multiplies it.

    The cosine c is the product of unit vectors, and −‖x − y‖² of unit vectors is 2c − 2. Otherwise −‖x − y‖² is
    r − ‖x‖² with r = 2·x·y − ‖y‖², and r is the product of (2x, −1, −1) with (y, h, l), where h + l ≈ ‖y‖² in two
    roundings. The centre of the probes is taken from both first: far from the origin, products have lost the digits
    that tell neighbours apart.

    A product of vectors with a rounding of u for each number lies within (2u + u²)·‖x‖·‖y‖ of the exact one, plus the
    rounding of its sum in float32, and is then rounded once more.

    Args:
        probes: [P, D], raw, that the similarity can judge.
        similarity: the cosine or the negative squared L2; :meth:`of` gives None for others.
        device: where to multiply.
    """

    def __init__(self, probes: Tensor, similarity: Similarity, device: torch.device) -> None:
        self._device = device
        self._dtype = torch.bfloat16 if _multiplies_bfloat16(device) else torch.float32
        self._unit = 2.0**-8 if self._dtype == torch.bfloat16 else _FLOAT32
        # Float32 products may be taken in TF32 there, as the user has set it: 10 bits behind the point.
        self._rounding = 2.0**-11 if self._dtype == torch.float32 and device.type == "cuda" else self._unit
        self._scale, self._offset = (1.0, 0.0) if similarity.name == "cosine" else (2.0, -2.0)
        self._similarity = similarity
        vectors = probes.cpu().double()  # a few, of any length: float32 does not hold the squares of the longest
        self._centre: Tensor | None = None
        if similarity.normalized:
            vectors = normalize(vectors, dim=1)
            self._norms = torch.ones(len(vectors), dtype=torch.float64)
        else:
            centre = vectors.mean(0).float()
            self._centre = centre.to(device)
            vectors = vectors - centre.double()
            self._norms = vectors.norm(dim=1)
            vectors = torch.cat([2 * vectors, vectors.new_full((len(vectors), 2), -1.0)], dim=1)
        self._probes = vectors.float().to(device, self._dtype)
        self._space = self._probes.new_empty(0)

    @classmethod
    def of(cls, probes: Tensor, similarity: Similarity, device: torch.device) -> "RoughScores | None":
        """None for a similarity that is no product."""
        is_product = similarity.name == "negative_squared_l2" or similarity.ranks_like_cosine
        return cls(probes, similarity, device) if is_product else None

    def prepared(self, block: Tensor) -> RoughBlock:
        """Embeddings [b, D] of the gallery.

        Raises:
            UnmeasurableEmbeddingsError: if the similarity can't judge some, or a distance is too large to be squared.
        """
        vectors = block.to(self._device)
        if self._centre is not None:  # taken before the rounding, which far from it leaves no digits
            vectors = vectors.to(torch.promote_types(vectors.dtype, torch.float32)) - self._centre
        vectors = vectors.float()
        norms = torch.linalg.vector_norm(vectors, dim=1, keepdim=True)
        least, norm = torch.stack([norms.min(), norms.max()]).tolist()
        usual = norm < _LONGEST and (self._centre is not None or least >= SHORTEST)  # and not NaN
        if not usual:
            check_vectors(block, self._similarity, "embeddings in a block of the gallery")
        if self._centre is None:
            directions = vectors / norms if usual else normalize(block.cpu().double(), dim=1).to(vectors)
            return RoughBlock(directions.to(self._dtype), 1.0)
        if not usual:
            raise UnmeasurableEmbeddingsError(
                f"Embeddings of the gallery lie {norm:.1e} from the mean of the probes, and distances above "
                f"{_LONGEST:.0e} can't be squared in sums of float32; scale the embeddings down."
            )
        squares = norms.square()
        high = squares.to(self._dtype)
        low = (squares - high.float()).to(self._dtype)
        return RoughBlock(torch.cat([vectors.to(self._dtype), high, low], dim=1), norm)

    def candidates(self, rows: slice, block: RoughBlock, floors: Tensor) -> tuple[Tensor, Tensor] | None:
        """Whatever may score above the floor of its probe, in the order of probes and columns; None if that is a lot.

        Args:
            rows: of the probes.
            block: prepared.
            floors: float32 [p], scores in the similarity.

        Returns:
            Probe (from 0) and column of each candidate, int64 on the CPU.
        """
        probes = self._probes[rows]
        floor = self._least(floors.double(), self._norms[rows], block.norm).to(self._device, self._dtype)
        shape = len(probes), len(block.vectors)
        if self._space.numel() < shape[0] * shape[1]:
            self._space = probes.new_empty(shape[0] * shape[1])
        scores = torch.mm(probes, block.vectors.T, out=self._space[: shape[0] * shape[1]].view(shape))
        whole = shape[1] // _RUNS * _RUNS
        runs = scores[:, :whole].unflatten(1, (_RUNS, -1))  # a run is every so-manieth column: twice as fast to reduce
        probe, run = (runs.amax(1) >= floor[:, None]).nonzero(as_tuple=True)
        rest = (scores[:, whole:] >= floor[:, None]).nonzero()
        opened, place = (runs[probe, :, run] >= floor[probe, None]).nonzero(as_tuple=True)
        probe, column = probe[opened], run[opened] + place * (whole // _RUNS)
        if len(probe) + len(rest) > _MOST * shape[0]:
            return None
        probe, column = torch.cat([probe, rest[:, 0]]).cpu(), torch.cat([column, rest[:, 1] + whole]).cpu()
        order = torch.argsort(probe * shape[1] + column)
        return probe[order], column[order]

    def _least(self, floors: Tensor, norms: Tensor, norm: float) -> Tensor:
        """The least rough score that something above the floor can have, float64 [p]."""
        floors = floors - 2 * _FLOAT32 * floors.abs()  # which have been rounded themselves
        if self._centre is None:
            exact, products = (floors - self._offset) / self._scale, norms
        else:
            exact, products = floors + norms.square(), 2 * norms * norm
        u, summed = self._rounding, 2 * _FLOAT32 * (self._probes.shape[1] + 8)
        squares = 0.0 if self._centre is None else norm**2 + norms.square()
        error = (2 * u + u**2 + summed) * products + (2 * u**2 + summed) * squares
        error = error + 4 * (self._probes.shape[1] + 8) * _UNDERFLOW
        least = exact - error
        return least - 2 * self._unit * least.abs()  # its own rounding, and that of this number


def _multiplies_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    known = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")  # elsewhere float32 is faster
    return device.type == "cpu" and any(getattr(torch.cpu, name, bool)() for name in known)
