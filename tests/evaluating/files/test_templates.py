"""Templates in place of single images."""

from dataclasses import replace

import pytest
import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.evaluating.files.metadata import aligned, read_metadata
from resemblance.evaluating.files.templates import NEITHER, NO_IMAGE, NO_QUALITY, as_templates, read_templates
from tests.evaluating.small_set import IDS, material


def test_templates_replace_images(written):
    path = written(
        "image,template,medium,quality\nAnn_0001,t2,video,2\nAnn_0002,t2,video,4\nBob_0001,t1,a,1\nBob_0002,t1,b,1\n"
    )
    found = as_templates(material(torch.eye(5)), read_templates(path), path)
    assert found.image_ids == ["t2", "t1"]
    assert found.test.identities.tolist() == [0, 1]
    expected = torch.tensor([[1.0, 2, 0, 0, 0], [0, 0, 1, 1, 0]])
    torch.testing.assert_close(found.test.vectors, expected / expected.norm(dim=1, keepdim=True))
    assert found.told == (
        "2 templates of 4 images are compared, not single images.",
        f"1 image belongs to no template of '{path}' and is not compared.",
    )


def test_a_template_without_any_embedding_is_a_failure_to_acquire_beside_those_of_images(written):
    path = written(
        "image,template,quality\nAnn_0001,t1,1\nDan_0001,t1,1\nDan_0001,t2,1\nDan_0002,t3,0\nBob_0001,t4,2\n"
        "Bob_0001,t5,0\nBob_0002,t6,0\nDan_0002,t6,1\n"
    )
    of_images = {"Dan_0001": "torn", "Dan_0002": "torn"}
    found = as_templates(material(failures=of_images), read_templates(path), path)
    assert found.image_ids == ["t1", "t4"]
    assert found.failures == {"t2": NO_IMAGE, "t3": NO_IMAGE, "t5": NO_QUALITY, "t6": NEITHER}
    assert found.listed_failures() == (of_images, found.failures)
    assert found.told == (
        "2 templates of 2 images are compared, not single images.",
        f"4 lines of '{path}' are left out of their templates: their images give no embedding.",
        f"3 lines of '{path}' add nothing to their templates: they have the quality 0.",
        f"2 images belong to no template of '{path}' and are not compared.",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("image,template\nZoe_0001,t1\n", "1 image that the test set does not have, the first being 'Zoe_0001'"),
        ("image,template\nAnn_0001,t1\nBob_0001,t1\n", "'t1' .* holds images of 'Ann' and of 'Bob' .line 3"),
        ("image,template\nAnn_0001,t1\nAnn_0001,t1\n", "Line 3 .* a second time"),
        ("image,template\nAnn_0001,t1\nAnn/Ann_0001.jpg,t1\n", "Line 3 .* 'Ann/Ann_0001.jpg' .* a second time"),
        ("image,template,quality\nAnn_0001,t1,-1\n", "Line 2 .* quality of 0 or more"),
        ("image,template,quality\nAnn_0001,t1,nan\n", "Line 2"),
        ("image,template,quality\nAnn_0001,t1,much\n", "Line 2"),
        ("image,template,quality\nAnn_0001,t1,0\n", "No image"),
    ],
)
def test_malformed_templates_are_one_sentence(written, text, sentence):
    path = written(text)
    with pytest.raises(DataError, match=sentence):
        as_templates(material(), read_templates(path), path)


def test_an_image_of_quality_0_still_counts_among_those_of_its_medium(written):
    path = written("image,template,medium,quality\nAnn_0001,t,video,1\nBob_0001,t,video,0\nAnn_0002,t,b,1\n")
    of_one = replace(material(), test=Embeddings(torch.eye(5), torch.zeros(5, dtype=torch.int64)))
    found = as_templates(of_one, read_templates(path), path)
    torch.testing.assert_close(found.test.vectors[0, :2], torch.tensor([0.5, 1.0]) / 1.25**0.5)


def test_templates_and_metadata_take_no_other_image_for_a_failed_one(written):
    path = written("image,template\nAnn_0001.png,t1\nBob_0001,t2\n")
    failed = {"Ann_0001.png": "torn"}
    found = as_templates(material(failures=failed), read_templates(path), path)
    assert (found.image_ids, list(found.failures)) == (["t2"], ["t1"])
    path = written("image,age\nAnn_0001.png,3\nBob_0001,4\nDan_0001,5\n", "m.csv")
    about = aligned(read_metadata(path), path, IDS, failed)
    assert (about.columns["age"], about.unknown) == ([None, None, 4.0, None, None], ("Dan_0001",))
