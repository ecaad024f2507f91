"""Fixtures of all tests of evaluations."""

import pytest


@pytest.fixture
def written(tmp_path):
    def write(text, name="list.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write
