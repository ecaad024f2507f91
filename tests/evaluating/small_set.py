"""A small set for tests of files, and a way to write them."""

import torch

from resemblance.embeddings import Embeddings
from resemblance.evaluating.material import Material
from resemblance.similarity import CosineSimilarity

IDS = ["Ann_0001", "Ann_0002", "Bob_0001", "Bob_0002", "Cem_0001"]


def material(vectors=None, **more):
    vectors = torch.eye(5) + 0.1 if vectors is None else vectors
    return Material(
        Embeddings(vectors, torch.tensor([0, 0, 1, 1, 2])), IDS, ["Ann", "Bob", "Cem"], CosineSimilarity(), **more
    )
