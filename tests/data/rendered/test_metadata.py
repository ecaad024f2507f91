import torch

from resemblance.data.rendered import RenderedFaces
from resemblance.data.source import metadata_of


def source(**knobs):
    return RenderedFaces(
        train_identities=2, validation_identities=2, test_identities=20, images_per_identity=6, cache_dir=None, **knobs
    )


def test_every_column_has_a_value_for_each_test_image():
    faces = source(image_size=32)
    metadata = metadata_of(faces)
    assert set(metadata) == {"yaw", "pitch", "light", "skin_tone", "glasses", "hat"}
    assert {len(values) for values in metadata.values()} == {len(faces.test())}
    assert set(metadata["glasses"]) == set(metadata["hat"]) == {"yes", "no"}
    assert min(metadata["yaw"]) < -25
    assert 25 < max(metadata["yaw"]) <= 35


def test_it_is_of_the_test_set_whatever_the_training_set_is_like():
    assert metadata_of(source()) == metadata_of(source(long_tail=2.0, label_noise=0.3))


def test_a_studio_has_no_hats_and_one_light():
    metadata = metadata_of(source(nuisance_strength=0.0, pose_range=0.0))
    assert set(metadata["hat"]) == {"no"}
    assert len(set(metadata["light"])) == 1
    assert set(metadata["yaw"]) == {0.0}


def test_the_columns_describe_the_pictures():
    faces = source(image_size=32)
    light = torch.tensor(metadata_of(faces)["light"])
    skin = torch.tensor(metadata_of(faces)["skin_tone"])
    centre = faces.test().images[:, :, 12:20, 12:20].float().mean((1, 2, 3))
    both = torch.stack([centre, skin, light])
    assert torch.corrcoef(both)[0, 1] > 0.3, "lighter people are lighter in the picture"


def test_a_source_need_not_know_more_than_identities():
    assert metadata_of(object()) is None
