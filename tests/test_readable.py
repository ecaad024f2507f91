"""A file that may not be opened is called that by every reader; root may open all, so the system is stood in for."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from resemblance import checkpoints
from resemblance.data.stores import open_zip
from resemblance.errors import DataError
from resemblance.evaluating.files.embeddings import read_named_embeddings
from resemblance.evaluating.files.table import read_table
from resemblance.evaluating.torch_network import torch_network
from resemblance.readable import check_readable
from resemblance.tracking.reading import read_embeddings, read_metrics, read_results


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """A folder with a file of each kind, none of which may be opened."""
    np.savez(tmp_path / "v.npz", names=np.array(["a"]), emb=np.zeros((1, 2)))
    save_file({"vectors": torch.zeros(1, 2)}, tmp_path / "v.safetensors")
    torch.save({}, tmp_path / "net.pt")
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        archive.writestr("a", "b")
    for name in ("t.csv", "metrics.json", "results.json", "embeddings.safetensors", "images.csv"):
        (tmp_path / name).write_text("x")

    def denied(self, *arguments, **settings):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", denied)
    return tmp_path


@pytest.mark.parametrize(
    ("read", "name"),
    [
        (read_named_embeddings, "v.npz"),
        (read_named_embeddings, "v.safetensors"),
        (lambda path: read_table(path, "pairs", ["a"]), "t.csv"),
        (checkpoints.read, "net.pt"),
        (lambda path: torch_network(str(path)), "net.pt"),
        (open_zip, "images.zip"),
        (lambda path: read_metrics(path.parent), "metrics.json"),
        (lambda path: read_results(path.parent), "results.json"),
        (lambda path: read_embeddings(path.parent), "embeddings.safetensors"),
    ],
)
def test_a_file_that_may_not_be_opened_is_not_called_damaged(closed, read, name):
    with pytest.raises(DataError, match=rf"/{name}' can't be \w+ \(Permission denied\); check its permissions\.$"):
        read(closed / name)


def test_what_is_missing_or_a_folder_is_for_the_reader_to_tell(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file", tmp_path / "missing", tmp_path / "file" / "below"):
        check_readable(path)
