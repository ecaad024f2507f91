"""Runs of evaluations for tests, and people as embeddings in files."""

from contextlib import nullcontext
from io import StringIO
from unittest.mock import patch

import numpy as np
from rich.console import Console

from resemblance.evaluating.run import evaluate
from tests.helpers import composed


def run(path, *overrides, figures=False):
    """The evaluation, and what it has told as one line of words; drawing takes most of its time and is asked for."""
    text = StringIO()
    config = composed("logger=none", *overrides, command="evaluate")
    with nullcontext() if figures else patch("resemblance.evaluating.run.write_figures"):
        found = evaluate(config, path, overrides, Console(file=text, width=100))
    return found, " ".join(text.getvalue().split())


def write_people(path, prefix="P", people=20, images=6, dimensions=16, seed=0, **more):
    """Some people with several embeddings each; returns their names and vectors."""
    generator = np.random.default_rng(seed)
    names = [f"{prefix}{person:02d}_{number:04d}" for person in range(people) for number in range(1, images + 1)]
    centres = np.repeat(generator.normal(size=(people, dimensions)), images, 0)
    vectors = centres + generator.normal(size=centres.shape)
    np.savez(path, names=np.array(names), emb=vectors, **more)
    return names, vectors
