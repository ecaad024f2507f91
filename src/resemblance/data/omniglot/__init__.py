"""Omniglot: handwritten characters of 50 alphabets, the benchmark of one-shot classification."""

from resemblance.data.omniglot.source import Omniglot

__all__ = ["Omniglot"]
