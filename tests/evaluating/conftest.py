"""Fixtures of all tests of evaluations."""

from io import StringIO

import pytest
from rich.console import Console

from resemblance.training import train
from tests.helpers import composed

TRAINED = ("trainer=smoke", "logger=none", "backbone.widths=[8,16]", "loss=triplet")


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """The outcome of a rehearsal of :data:`TRAINED`, whose run directory nobody changes."""
    path = tmp_path_factory.mktemp("trained") / "run"
    return train(composed(*TRAINED), path, TRAINED, Console(file=StringIO()))


@pytest.fixture
def written(tmp_path):
    def write(text, name="list.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write
