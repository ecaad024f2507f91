"""Embeddings that somebody else computed: an npz or safetensors file with names, or a run directory of ours."""

import csv
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from resemblance.errors import DataError
from resemblance.evaluating.files.names import check_unique, identities_by_name
from resemblance.readable import check_readable
from resemblance.similarity import Similarity
from resemblance.tracking.paths import RunPaths
from resemblance.tracking.reading import read_embeddings

VECTORS = ("vectors", "emb", "embeddings")
IDENTITIES = ("identities", "labels")
NAMES = "names"
_LAYOUT = f"'{NAMES}' (N texts), one of {', '.join(repr(key) for key in VECTORS)} (N × D), and if you have them "
_LAYOUT += f"'{IDENTITIES[0]}' or '{IDENTITIES[1]}' (N)"


@dataclass(frozen=True)
class NamedEmbeddings:
    """Embeddings with a name each.

    Attributes:
        names: N, each once.
        vectors: float32 [N, D], not normalised.
        identities: N names of identities.
        similarity: what the loss trained for, where one of our runs has saved it.
    """

    names: list[str]
    vectors: Tensor
    identities: list[str]
    similarity: Similarity | None = None

    def __len__(self) -> int:
        return len(self.names)


def read_named_embeddings(path: Path, identity_pattern: str | None = None) -> NamedEmbeddings:
    """The embeddings of a file, in the order of their names; those of a run of ours in its own order.

    The order decides which image of a person is enrolled: sorted by name it is ``_0001``, whatever wrote the file.

    Args:
        path: ``.npz`` or ``.safetensors`` (names as JSON in its metadata, or in an ``images.csv`` beside it), or a run
            directory.
        identity_pattern: whom a name shows, where the file does not say, see :func:`identities_by_name`.

    Raises:
        DataError: if it is missing, damaged, or its parts do not fit together.
    """
    if path.is_dir() or (path.name == RunPaths("").embeddings.name and _is_ours(path)):
        saved = read_embeddings(path if path.is_dir() else path.parent)
        check_unique(saved.image_ids, str(path))
        return NamedEmbeddings(
            saved.image_ids, saved.embeddings.vectors.float(), saved.identity_names, saved.similarity()
        )
    if path.suffix == ".npz":
        arrays = _read_npz(path)
    elif path.suffix == ".safetensors":
        arrays = _read_safetensors(path)
    else:
        raise DataError(f"'{path}' is neither an .npz nor a .safetensors file nor a run directory; save {_LAYOUT}.")
    names, vectors, identities = _parts(arrays, path)
    if identities is None:
        identities = identities_by_name(names, identity_pattern, path.name)
    order = sorted(range(len(names)), key=names.__getitem__)
    return NamedEmbeddings(
        [names[row] for row in order], vectors[torch.tensor(order)], [identities[row] for row in order]
    )


def _is_ours(path: Path) -> bool:
    return RunPaths(path.parent).images.is_file() and RunPaths(path.parent).config.is_file()


def _read_npz(path: Path) -> dict[str, Any]:
    check_readable(path)
    if path.exists() and not zipfile.is_zipfile(path):
        raise _damaged(path)  # NumPy would take it for a pickle
    try:
        with np.load(path, allow_pickle=False) as saved:  # a pickle could run code
            return {key: saved[key] for key in (NAMES, *VECTORS, *IDENTITIES) if key in saved}
    except FileNotFoundError as error:
        raise _missing(path) from error
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise DataError(
                f"'{path}' holds an array of Python objects, such as embeddings of different sizes or names that are "
                f"not plain texts; save the names with dtype=str and the embeddings as one array of N × D numbers."
            ) from error
        raise _damaged(path) from error
    # RuntimeError: encrypted, or packed in an unknown way; the last two: an array whose header is no Python literal.
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, SyntaxError, TokenError) as error:
        raise _damaged(path) from error


def _read_safetensors(path: Path) -> dict[str, Any]:
    check_readable(path)
    try:
        with safe_open(path, framework="pt") as file:
            metadata: Mapping[str, str] = file.metadata() or {}
            arrays: dict[str, Any] = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  # no mapping
    except FileNotFoundError as error:
        raise _missing(path) from error
    except (SafetensorError, OSError) as error:
        raise _damaged(path) from error
    for key in (NAMES, *IDENTITIES):
        if key in metadata:
            try:
                arrays[key] = ["" if text is None else str(text) for text in json.loads(metadata[key])]
            except (ValueError, TypeError) as error:
                raise DataError(f"'{path}' has '{key}' in its metadata, but not as a JSON list of texts.") from error
    beside = RunPaths(path.parent).images
    if NAMES not in arrays and beside.is_file():
        check_readable(beside)
        try:
            with beside.open(encoding="utf-8", newline="") as table:
                rows = list(csv.DictReader(table, restval=""))
            arrays[NAMES] = [row["image_id"] for row in rows]
            if rows and "identity" in rows[0]:
                arrays[IDENTITIES[0]] = [row["identity"] for row in rows]
        except (KeyError, UnicodeDecodeError, csv.Error) as error:
            raise DataError(f"'{beside}' should have the columns image_id and identity, a row an embedding.") from error
    return arrays


def _parts(arrays: Mapping[str, Any], path: Path) -> tuple[list[str], Tensor, list[str] | None]:
    if not arrays:
        raise DataError(f"'{path}' holds no embeddings; a file of embeddings holds {_LAYOUT}.")
    key = next((key for key in VECTORS if key in arrays), None)
    if key is None or NAMES not in arrays:
        lacks = f"'{NAMES}'" if key else " or ".join(repr(key) for key in VECTORS)
        raise DataError(f"'{path}' lacks {lacks}; a file of embeddings holds {_LAYOUT}.")
    vectors = _numbers(arrays[key], key, path)
    names = _texts(arrays[NAMES])
    if nameless := [row for row, name in enumerate(names) if not name.strip()]:
        raise DataError(
            f"{len(nameless):,} of the {len(names):,} '{NAMES}' of '{path}' are empty, the first being that of row "
            f"{nameless[0]}; name each embedding."
        )
    check_unique(names, path.name)
    key_of_identities = next((key for key in IDENTITIES if key in arrays), None)
    identities = None if key_of_identities is None else _identities(arrays[key_of_identities], key_of_identities, path)
    for kind, found in (("names", names), ("identities", identities)):
        if found is not None and len(found) != len(vectors):
            raise DataError(f"'{path}' has {len(vectors)} embeddings but {len(found)} {kind}; each needs one.")
    return names, vectors, identities


def _numbers(values: Any, key: str, path: Path) -> Tensor:
    shape, dtype = tuple(values.shape), str(values.dtype).removeprefix("torch.")
    numbers = isinstance(values, Tensor) or np.issubdtype(values.dtype, np.number)
    if shape and shape[0] == 0:
        raise DataError(f"'{path}' holds no embeddings: '{key}' has no rows.")
    if len(shape) != 2 or 0 in shape or not numbers or "complex" in dtype or dtype == "bool":
        raise DataError(
            f"'{key}' in '{path}' should be an array of N × D numbers, not {dtype} of "
            f"{' × '.join(map(str, shape)) or 'one number'}."
        )
    return values.float() if isinstance(values, Tensor) else torch.from_numpy(values.astype(np.float32))


def _texts(values: Any) -> list[str]:
    flat: Sequence[Any] = np.asarray(values).ravel().tolist()
    return [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in flat]


def _identities(values: Any, key: str, path: Path) -> list[str]:
    """Whom each embedding shows; what says nobody would make one person of all strangers."""
    flat = np.asarray(values).ravel()
    texts = _texts(flat)
    nobody = [not text.strip() for text in texts]
    if np.issubdtype(flat.dtype, np.floating):
        nobody = np.isnan(flat).tolist()
    if any(nobody):
        raise DataError(
            f"{sum(nobody):,} of the {len(texts):,} '{key}' in '{path}' are empty or NaN, the first being that of row "
            f"{nobody.index(True)}; say whom each embedding shows, or leave out those of nobody known."
        )
    return texts


def _missing(path: Path) -> DataError:
    return DataError(f"There is no file '{path}'; embeddings= names an .npz, a .safetensors or a run directory.")


def _damaged(path: Path) -> DataError:
    return DataError(f"'{path}' can't be read as embeddings: it is damaged or of another kind; write it again.")
