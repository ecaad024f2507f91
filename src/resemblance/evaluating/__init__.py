"""``python evaluate.py``: measures a checkpoint, somebody else's network or a file of embeddings as training does."""

from resemblance.evaluating.run import Evaluated, evaluate

__all__ = ["Evaluated", "evaluate"]
