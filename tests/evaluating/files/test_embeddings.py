import json
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.evaluating.files.embeddings import read_named_embeddings
from resemblance.similarity import NegativeSquaredL2
from resemblance.tracking.run_directory import RunDirectory

NAMES = ["Bob_0002", "Ann_0002", "Ann_0001", "Bob_0001"]
VECTORS = torch.arange(12).float().reshape(4, 3)
IN_ORDER = ["Ann_0001", "Ann_0002", "Bob_0001", "Bob_0002"]


@pytest.mark.parametrize("key", ["emb", "embeddings", "vectors"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4", np.int16])
def test_an_npz_is_read_in_the_order_of_its_names(tmp_path, key, dtype):
    path = tmp_path / "vectors.npz"
    np.savez(path, names=np.array(NAMES), **{key: VECTORS.numpy().astype(dtype)})
    found = read_named_embeddings(path)
    assert found.names == IN_ORDER
    assert found.identities == ["Ann", "Ann", "Bob", "Bob"]
    assert found.similarity is None
    assert found.vectors.dtype == torch.float32
    assert torch.equal(found.vectors, VECTORS[[2, 1, 3, 0]])


@pytest.mark.parametrize("key", ["identities", "labels"])
@pytest.mark.parametrize("labels", [np.array([7, 7, 8, 9]), np.array(["x", "x", "y", "z"]), np.array([b"x"] * 4)])
def test_identities_in_the_file_come_before_any_rule(tmp_path, key, labels):
    path = tmp_path / "vectors.npz"
    np.savez(path, names=np.array(NAMES), emb=VECTORS.numpy(), **{key: labels})
    texts = [label.decode() if isinstance(label, bytes) else str(label) for label in labels.tolist()]
    assert read_named_embeddings(path).identities == [texts[NAMES.index(name)] for name in IN_ORDER]


def test_safetensors_has_names_in_its_metadata_or_a_table_beside_it(tmp_path):
    within, beside = tmp_path / "within.safetensors", tmp_path / "beside.safetensors"
    save_file({"embeddings": VECTORS}, within, {"names": json.dumps(NAMES), "identities": json.dumps(list("wxyz"))})
    save_file({"vectors": VECTORS}, beside)
    assert read_named_embeddings(within).identities == ["y", "x", "z", "w"]
    (tmp_path / "images.csv").write_text(
        "row,identity,image_id\n0,b,Bob_0002\n1,a,Ann_0002\n2,a,Ann_0001\n3,b,Bob_0001"
    )
    found = read_named_embeddings(beside)
    assert (found.names, found.identities) == (IN_ORDER, list("aabb"))


def test_a_missing_cell_of_the_table_beside_is_nobody(tmp_path):
    path = tmp_path / "beside.safetensors"
    save_file({"vectors": VECTORS}, path)
    for text, sentence in (
        ("image_id,identity\nBob_0002,b\nx\ny\nAnn_0001,a\n", "2 of the 4 'identities' .* are empty .* row 1"),
        ("identity,image_id\nb,Bob_0002\na\na,Ann_0001\nc,\n", "2 of the 4 'names' .* are empty, .* row 1"),
    ):
        (tmp_path / "images.csv").write_text(text)
        with pytest.raises(DataError, match=sentence):
            read_named_embeddings(path)


@pytest.mark.parametrize("file", ["", "embeddings.safetensors"])
def test_a_run_directory_keeps_its_order_and_its_similarity(tmp_path, file):
    run = RunDirectory(tmp_path / "run")
    run.write_config("x")
    similarity = NegativeSquaredL2(normalized=True)
    run.write_embeddings(Embeddings(VECTORS, torch.tensor([1, 0, 0, 1])), NAMES, ["Ann", "Bob"], similarity)
    found = read_named_embeddings(run.path / file)
    assert found.names == NAMES
    assert found.identities == ["Bob", "Ann", "Ann", "Bob"]
    assert (found.similarity.name, found.similarity.normalized) == ("negative_squared_l2", True)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"names": NAMES}, "lacks 'vectors' or 'emb' or 'embeddings'"),
        ({"emb": VECTORS.numpy()}, "lacks 'names'"),
        ({"names": NAMES[:3], "emb": VECTORS.numpy()}, "4 embeddings but 3 names"),
        ({"names": NAMES, "emb": VECTORS.numpy(), "labels": [1]}, "4 embeddings but 1 identities"),
        ({"names": NAMES, "emb": np.zeros(4)}, "N × D numbers, not float64 of 4"),
        ({"names": NAMES, "emb": np.zeros((4, 0))}, "not float64 of 4 × 0"),
        ({"names": NAMES, "emb": np.array([["a"], ["b"], ["c"], ["d"]])}, "N × D numbers"),
        ({"names": NAMES, "emb": np.zeros((4, 2), complex)}, "N × D numbers"),
        ({"names": ["a_1", "b_1", "a_1", "c_1"], "emb": VECTORS.numpy()}, "1 image name stands more than once"),
        ({"names": ["a_1", "b_1", "c", "d"], "emb": VECTORS.numpy()}, "2 of 4 names .* say no identity"),
        ({"names": NAMES, "emb": np.array([[1.0], [1.0, 2.0]], dtype=object)}, "embeddings of different sizes"),
    ],
)
def test_what_does_not_fit_together_is_one_sentence(tmp_path, arrays, sentence):
    path = tmp_path / "vectors.npz"
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=sentence) as refusal:
        read_named_embeddings(path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["v.npz", "v.safetensors", "v.npy"])
def test_missing_and_damaged_files_are_one_sentence(tmp_path, name):
    with pytest.raises(DataError, match="There is no file|neither an .npz"):
        read_named_embeddings(tmp_path / name)
    (tmp_path / name).write_bytes(b"nonsense" * 100)
    with pytest.raises(DataError, match="can't be read as embeddings|neither an .npz"):
        read_named_embeddings(tmp_path / name)


def test_a_torn_npz_is_one_sentence(tmp_path):
    path = tmp_path / "v.npz"
    np.savez(path, names=np.array(NAMES), emb=np.zeros((4, 500)))
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DataError, match="damaged"):
        read_named_embeddings(path)


@pytest.mark.parametrize("damage", ["encrypted", "unknown compression", "unfinished header"])
def test_an_npz_that_can_not_be_unpacked_is_one_sentence(tmp_path, damage):
    path = tmp_path / "v.npz"
    np.savez(path, names=np.array(NAMES), emb=np.zeros((4, 5)))
    data = bytearray(path.read_bytes())
    central, local = data.index(b"PK\x01\x02"), data.index(b"PK\x03\x04")
    if damage == "encrypted":
        data[central + 8], data[local + 6] = 1, 1
    elif damage == "unknown compression":
        data[central + 10], data[local + 8] = 99, 99
    else:
        with zipfile.ZipFile(path, "w") as archive:  # a dictionary that does not end
            header = b"{'descr': '<f8', (" + b" " * 45 + b"\n"
            archive.writestr("names.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
        data = bytearray(path.read_bytes())
    path.write_bytes(data)
    with pytest.raises(DataError, match="damaged or of another kind") as refusal:
        read_named_embeddings(path)
    assert "\n" not in str(refusal.value)


def test_a_file_of_pickled_objects_runs_no_code(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("run",))

    path = tmp_path / "v.npz"
    np.savez(path, names=np.array(NAMES), emb=np.array([Evil()] * 4, dtype=object))
    with pytest.raises(DataError, match="Python objects"):
        read_named_embeddings(path)


@pytest.mark.parametrize(
    ("labels", "row"),
    [
        (np.array([0, np.nan, 1, np.nan]), 1),
        (np.array(["a", "b", "", "  "]), 2),
        (np.array([b"", b"a", b"b", b""]), 0),
    ],
)
def test_embeddings_of_nobody_do_not_become_one_person(tmp_path, labels, row):
    path = tmp_path / "vectors.npz"
    np.savez(path, names=np.array(NAMES), emb=VECTORS.numpy(), identities=labels)
    with pytest.raises(DataError, match=f"2 of the 4 'identities' in .* are empty or NaN, the first .* row {row}; say"):
        read_named_embeddings(path)
    as_texts = [label.decode() if isinstance(label, bytes) else label for label in labels.tolist()]
    as_json = json.dumps([None if label in ("", "  ") or label != label else str(label) for label in as_texts])
    metadata = {"names": json.dumps(NAMES), "identities": as_json}
    save_file({"vectors": VECTORS}, tmp_path / "v.safetensors", metadata)
    with pytest.raises(DataError, match=f"2 of the 4 'identities' .* row {row}; say"):
        read_named_embeddings(tmp_path / "v.safetensors")


def test_a_file_without_embeddings_is_called_that(tmp_path):
    np.savez(tmp_path / "nothing.npz")
    with pytest.raises(DataError, match="nothing.npz' holds no embeddings; a file of embeddings holds 'names'"):
        read_named_embeddings(tmp_path / "nothing.npz")
    np.savez(tmp_path / "none.npz", names=np.array([], dtype=str), emb=np.zeros((0, 3), dtype=np.float32))
    with pytest.raises(DataError, match="none.npz' holds no embeddings: 'emb' has no rows"):
        read_named_embeddings(tmp_path / "none.npz")
