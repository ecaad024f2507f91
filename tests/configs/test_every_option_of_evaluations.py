"""Every option of the groups that ``conf/evaluate.yaml`` has is composed, checked and planned."""

import re

import numpy as np
import pytest
from omegaconf import OmegaConf

from resemblance.config import config_dir, needs, to_plain
from resemblance.errors import ConfigurationError
from resemblance.evaluating.plan import planned
from resemblance.evaluating.settings import Model, Settings, checked
from tests.helpers import composed, options

OWN_GROUPS = ("model", "protocol", "logger", "data")
EVERY_OPTION = [(group, option) for group in OWN_GROUPS for option in options(group)]
OF_TRAINING = {"augmentation", "epochs", "backbone", "batch", "embedding_size", "neck", "loss", "sampler", "optimizer"}


@pytest.fixture
def vectors(tmp_path):
    np.savez(tmp_path / "v.npz", names=np.array(["a_1", "a_2", "b_1"]), emb=np.eye(3))
    return f"embeddings={tmp_path / 'v.npz'}"


@pytest.mark.parametrize(("group", "option"), [pair for pair in EVERY_OPTION if pair[0] != "model"])
def test_it_composes_and_passes_the_checks(group, option, vectors):
    overrides = (f"{group}={option}", vectors)
    config = to_plain(composed(*overrides, command="evaluate"))
    plan = planned(config, checked(config), overrides)
    assert plan.config["choices"][group] == option
    assert plan.name.startswith("v")
    assert (plan.source is not None) == (group == "data")
    assert not OF_TRAINING & set(plan.config), "what a data set says of training has no place here"


@pytest.mark.parametrize("option", options("model"))
def test_models_have_the_settings_that_their_files_name(option):
    written = OmegaConf.to_container(OmegaConf.load(config_dir() / "model" / f"{option}.yaml"))
    assert set(written) <= set(Model.model_fields)
    needed = ["model.path=f.pt"] if option == "torch" else []
    config = to_plain(composed(f"model={option}", "data=rendered_faces", *needed, command="evaluate"))
    settings = checked(config)
    assert settings.model.kind == option
    with pytest.raises(ConfigurationError, match="needs images to embed"):
        checked(to_plain(composed(f"model={option}", *needed, command="evaluate")))


def test_every_setting_has_a_type():
    written = set(to_plain(composed(command="evaluate"))) - {"augmentation", "logger", "choices", "output_dir"}
    assert written == set(Settings.model_fields) - {"model"}


@pytest.mark.parametrize(
    ("overrides", "option", "has_pairs"),
    [
        ((), "faces", False),
        (("pairs=EXISTS",), "pairs", True),
        (("metadata=ABOUT",), "breakdown", False),
        (("metadata=ABOUT", "pairs=EXISTS"), "pairs", True),
        (("protocol=one_shot", "metadata=ABOUT"), "one_shot", False),
        (("data=lfw",), "lfw_view1", True),
        (("data=rendered_faces",), "faces", False),
        (("protocol=one_shot",), "one_shot", False),
        (("protocol=one_shot", "pairs=EXISTS"), "one_shot", True),
    ],
)
def test_protocols_that_nobody_named(vectors, tmp_path, overrides, option, has_pairs):
    (tmp_path / "pairs.csv").write_text("first,second,same\na_1,a_2,1\na_1,b_1,0\n")
    (tmp_path / "about.csv").write_text("image,hat\na_1,yes\n")
    places = {"EXISTS": str(tmp_path / "pairs.csv"), "ABOUT": str(tmp_path / "about.csv")}
    given = (*(re.sub("EXISTS|ABOUT", lambda found: places[found[0]], text) for text in overrides), vectors)
    config = to_plain(composed(*given, command="evaluate"))
    plan = planned(config, checked(config), given)
    assert plan.config["choices"]["protocol"] == option
    assert any("pairs" in needs(node) for node in plan.config["protocol"].values()) is has_pairs
    broken_down = any("metadata" in needs(node) for node in plan.config["protocol"].values())
    assert broken_down is any("metadata=" in text for text in overrides), "a file that is given is measured"


def test_a_network_of_somebody_else_gets_images_of_its_size(tmp_path):
    given = ("model=timm", "model.name=test_resnet", "model.pretrained=false", "model.image_size=48")
    config = to_plain(composed(*given, "data=rendered_faces", command="evaluate"))
    assert planned(config, checked(config)).source.image_size == 48
    own = (*given, "data=rendered_faces", "data.image_size=96")
    config = to_plain(composed(*own, command="evaluate"))
    for overrides in (own, [text.replace("data.", "++data.") for text in own], ()):  # and where nobody says how
        plan = planned(config, checked(config), overrides)
        assert (plan.source.image_size, plan.told) == (96, ())


@pytest.mark.parametrize(
    ("data", "pixels"), [("folder", 512), ("omniglot", 105), ("lfw", 256), ("rendered_faces", 256)]
)
def test_a_network_of_somebody_else_resizes_what_a_data_set_can_not_give(data, pixels):
    given = ("model=timm", "model.name=test_resnet", "model.pretrained=false", "model.image_size=518", f"data={data}")
    config = to_plain(composed(*given, command="evaluate"))
    plan = planned(config, checked(config), given)
    assert plan.source.image_size == plan.config["data"]["image_size"] == pixels
    assert plan.told == (
        f"The data set gives images of {pixels} pixels, its largest; they are resized to the 518 that the network "
        f"takes.",
    )
