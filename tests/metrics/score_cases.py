"""Scores with ties and tiny sets, and rates counted in a loop."""

from fractions import Fraction

import pytest
import torch
from hypothesis import strategies as st

# Few distinct values make many ties; the quarters are exact in float32.
TIED = st.lists(st.integers(-4, 4).map(lambda n: n / 4), min_size=1, max_size=12)
FINE = st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=12)
SCORES = TIED | FINE
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


def gaussian(genuine=400, impostor=3000, gap=1.5, seed=0, decimals=2):
    generator = torch.Generator().manual_seed(seed)
    draws = (torch.randn(n, generator=generator, dtype=torch.float64) for n in (genuine, impostor))
    g, i = draws
    return (g + gap).round(decimals=decimals), i.round(decimals=decimals)


def naive_rates(genuine, impostor, threshold):
    """FAR and TAR of accepting strictly above the threshold, as fractions."""
    return tuple(Fraction(sum(s > threshold for s in scores), len(scores)) for scores in (impostor, genuine))
