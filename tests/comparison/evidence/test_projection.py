from dataclasses import replace

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from resemblance.comparison.evidence.projection import between_classes, chosen_identities, embedding_map
from resemblance.comparison.page.write import page
from resemblance.comparison.reading import read_run
from resemblance.comparison.studying import study_of
from resemblance.errors import DataError
from resemblance.tracking.run_record import read_record
from tests.comparison.pictured import IDENTITIES, IMAGES, write_pictured_run
from tests.comparison.written import seal


def test_axes_are_the_principal_components_of_the_class_means():
    PCA = pytest.importorskip("sklearn.decomposition").PCA
    generator = np.random.default_rng(0)
    identities = np.repeat(np.arange(9), 5)
    vectors = generator.normal(size=(9, 6))[identities] + generator.normal(size=(45, 6)) / 4
    points, means, explained = between_classes(vectors, identities)
    oracle = PCA(2).fit(np.stack([vectors[identities == who].mean(axis=0) for who in range(9)]))
    expected = oracle.transform(vectors)
    expected /= np.ptp(expected, axis=0).max()
    np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=1e-9)
    assert explained == pytest.approx(oracle.explained_variance_ratio_.sum())
    assert np.ptp(points, axis=0).max() == pytest.approx(1)
    for who in range(9):  # the projection is linear
        np.testing.assert_allclose(points[identities == who].mean(axis=0), means[who], atol=1e-9)


def test_a_sign_of_the_singular_vectors_changes_nothing():
    generator = np.random.default_rng(1)
    identities = np.repeat(np.arange(5), 3)
    vectors = generator.normal(size=(15, 4))
    points, means, _ = between_classes(vectors, identities)
    assert (means[np.abs(means).argmax(axis=0), [0, 1]] > 0).all()
    mirrored, _, _ = between_classes(-vectors, identities)
    np.testing.assert_allclose(np.abs(points), np.abs(mirrored), atol=1e-9)


def test_collapsed_embeddings_are_drawn_as_a_point():
    points, _, explained = between_classes(np.ones((6, 3)), np.repeat(np.arange(3), 2))
    assert np.isfinite(points).all()
    assert explained == 0


def test_identities_are_chosen_without_looking_at_embeddings():
    names = [f"p{number}" for number in range(100) for _ in range(3)]
    chosen = chosen_identities(["alone", *names, "alone too"])
    assert len(chosen) == 12
    assert "alone" not in chosen
    assert chosen == sorted(chosen, key=names.index)


def test_a_run_has_a_map_unless_its_files_disagree(tmp_path):
    path = write_pictured_run(tmp_path / "run", "cosface", 1, 2.5)
    run = read_run(path)
    found = embedding_map(run)
    assert found is not None
    assert len(found.names) == 12 < IDENTITIES
    assert len(found.points) == len(found.image_ids) == 12 * IMAGES
    assert all(found.image_ids[row].startswith(found.names[who]) for row, who in enumerate(found.identities))
    images = path / "images.csv"
    images.write_text("\n".join(images.read_text().splitlines()[:-1]), "utf-8")
    assert embedding_map(run) is None
    (path / "embeddings.safetensors").write_bytes(b"damaged")
    with pytest.raises(DataError, match=r"the checksum of embeddings\.safetensors"):
        embedding_map(run)
    seal(path)
    assert embedding_map(replace(run, record=read_record(path))) is None


def test_embeddings_that_are_gone_are_told(tmp_path):
    write_pictured_run(tmp_path / "run", "cosface", 0, 2.5)
    run = read_run(tmp_path / "run")
    run.paths.embeddings.unlink()
    with pytest.raises(DataError, match=r"lacks the embeddings\.safetensors that it has written"):
        embedding_map(run)


def test_embeddings_of_one_dimension_have_no_map(tmp_path):
    path = write_pictured_run(tmp_path / "run", "cosface", 1, 2.5)
    with safe_open(path / "embeddings.safetensors", framework="np") as file:
        tensors = {name: file.get_tensor(name) for name in ("vectors", "identities")}
        save_file(tensors | {"vectors": tensors["vectors"][:, :1].copy()}, path / "narrow", file.metadata())
    (path / "narrow").replace(path / "embeddings.safetensors")
    seal(path)
    with pytest.raises(DataError, match="one dimension only"):
        embedding_map(read_run(path))
    text = page(study_of(path))
    assert "which have one dimension only" in text
    assert "has kept embeddings of three identities" not in text
