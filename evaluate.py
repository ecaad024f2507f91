"""Measure a checkpoint, somebody else's network or a file of embeddings: ``python evaluate.py --help``."""

from resemblance.cli import evaluate

if __name__ == "__main__":
    evaluate()
