"""Random numbers without a state: each is a hash of what it is for.

A generator with a state would make image 7 depend on how many images were drawn before it. Here a number is a pure
function of (seed, factor name, identity, image), so any subset in any order gives the same values. The mixing steps
are those of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
"""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Counters = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def _mix(state: Counters) -> Counters:
    """One SplitMix64 output step; wraps modulo 2**64."""
    state = state + _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


def bits(seed: int, name: str, *counters: NDArray[np.int64]) -> Counters:
    """64 random bits for each row of ``counters``.

    Args:
        seed: of the data set, 0 or more.
        name: of the quantity that is drawn; its checksum is mixed in, so adding a quantity leaves the others alone.
        counters: int64 arrays [N], such as identity and image numbers.

    Returns:
        uint64 [N].
    """
    state = _mix(np.full(counters[0].shape, seed, dtype=np.uint64))
    state = _mix(state ^ np.uint64(crc32(name.encode())))
    for counter in counters:
        state = _mix(state ^ counter.astype(np.uint64))
    return state


def uniform(seed: int, name: str, *counters: NDArray[np.int64]) -> NDArray[np.float64]:
    """Uniform numbers in [0, 1), float64 [N], one for each row of ``counters``."""
    return (bits(seed, name, *counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53
