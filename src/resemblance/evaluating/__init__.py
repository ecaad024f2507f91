"""``python evaluate.py``: measures a checkpoint, somebody else's network or a file of embeddings as training does."""
