"""Networks of somebody else: from timm, from files of torch, from a function."""

import sys

import pytest
import torch
from safetensors.torch import save_file

from resemblance.errors import ConfigurationError, DataError
from resemblance.tracking.reading import read_embeddings
from tests.evaluating.embedded_people import run

RENDERED = ("data=rendered_faces", "rehearsal=true")


class Tiny(torch.nn.Module):
    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = torch.nn.Parameter(torch.randn(3 * 8 * 8, 12, generator=generator))

    def forward(self, images):
        return torch.nn.functional.adaptive_avg_pool2d(images, 8).flatten(1) @ self.weight


@pytest.fixture
def tiny_network(tmp_path, monkeypatch):
    """The same network three ways: TorchScript, torch.export, and a function in the working directory."""
    monkeypatch.chdir(tmp_path)
    network = Tiny().eval()
    example = torch.zeros(2, 3, 64, 64)
    torch.jit.trace(network, example).save("script.pt")
    batch = torch.export.Dim("batch", min=1, max=512)
    exported = torch.export.export(network, (example,), dynamic_shapes=({0: batch},))
    torch.export.save(exported, "exported.pt2")
    torch.save(network.state_dict(), "weights.pt")
    (tmp_path / "user_network.py").write_text(
        "import torch\nfrom tests.evaluating.test_models import Tiny\n"
        "def build():\n    network = Tiny()\n    network.load_state_dict(torch.load('weights.pt'))\n"
        "    return network\n"
        "def wrong():\n    return torch.nn.Conv2d(3, 2, 3)\n"
        "def nothing():\n    return 3\n"
    )
    yield tmp_path
    sys.modules.pop("user_network", None)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_torch_network_from_a_script_an_export_or_a_function(tiny_network):
    results = []
    for number, path in enumerate(("script.pt", "exported.pt2", "user_network:build")):
        found, _ = run(
            tiny_network / f"run{number}", "model=torch", f"model.path={path}", "model.image_size=64", *RENDERED
        )
        results.append(found.test.scalars)
        assert found.validation.scalars
        assert "verification/calibration" in found.test.tables
    for other in results[1:]:
        assert {key: value.value for key, value in other.items()} == pytest.approx(
            {key: value.value for key, value in results[0].items()}, abs=0.01
        )


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("user_network:wrong", r"one vector for each image, \[2, D\], but gives \[2, 2, 62, 62\]"),
        ("user_network:nothing", "gives int, but should give a torch.nn.Module"),
        ("user_network:missing", "has no attribute 'missing'"),
        ("no_such_module:f", "can't be imported"),
        ("nothing.pt", "There is no file 'nothing.pt'"),
        ("weights.pt", "'weights.pt' is a state dict, which holds weights by name"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_torch_network_that_is_none_is_one_sentence(tiny_network, path, sentence):
    with pytest.raises((ConfigurationError, DataError), match=sentence) as refusal:
        run(tiny_network / "run", "model=torch", f"model.path={path}", "model.image_size=64", *RENDERED)
    assert "\n" not in str(refusal.value)
    assert not (tiny_network / "run").exists()


def test_a_timm_network_with_weights_of_ones_own(tmp_path):
    import timm

    torch.manual_seed(1)
    classifier = timm.create_model("test_resnet", num_classes=7)
    torch.save({"state_dict": {f"module.{k}": v for k, v in classifier.state_dict().items()}}, tmp_path / "w.pth")
    save_file(classifier.state_dict(), tmp_path / "w.safetensors")
    found = []
    for file in ("w.pth", "w.safetensors"):
        given = ("model=timm", "model.name=test_resnet", f"model.weights={tmp_path / file}", "model.image_size=64")
        found.append(run(tmp_path / file.replace(".", "_"), *given, *RENDERED)[0])
    assert found[0].test.scalars == found[1].test.scalars
    saved = read_embeddings(found[0].directory)
    assert saved.embeddings.vectors.shape == (48, classifier.num_features)
    with pytest.raises(DataError, match="do not fit 'test_vit'"):
        run(tmp_path / "run", "model=timm", "model.name=test_vit", f"model.weights={tmp_path / 'w.pth'}", *RENDERED)
