"""Compare metric-learning losses for face recognition."""

__version__ = "0.1.0"
