"""Training in bf16: the network computes in it, losses and everything that is kept stay in float32."""

from io import StringIO

import pytest
import torch
from rich.console import Console

from resemblance import checkpoints, parts
from resemblance.config import to_plain
from resemblance.training import train
from tests.helpers import composed

SMOKE = ("trainer=smoke", "logger=none", "backbone.widths=[8,16]", "trainer.precision=bf16-mixed")
WITH_WEIGHTS = ("cosface", "adaface", "sub_center_arcface", "softmax", "proxy_anchor", "siamese_l1")


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize("loss", WITH_WEIGHTS)
def test_class_weights_learn_and_stay_in_float32(tmp_path, loss):
    config = composed(*SMOKE, f"loss={loss}")
    train(config, tmp_path / "run", console=Console(file=StringIO()))
    contents = checkpoints.read(tmp_path / "run" / "checkpoints" / "last.ckpt")
    weights = {name: value for name, value in contents["state_dict"].items() if name.startswith("loss.")}
    assert weights
    for name, value in contents["state_dict"].items():
        assert value.dtype in (torch.float32, torch.int64), name
        assert value.isfinite().all(), name
    torch.manual_seed(0)
    fresh = parts.build_loss(to_plain(config), num_identities=16)
    fresh.load_state_dict({name.removeprefix("loss."): value for name, value in weights.items()})
    moments = [state["exp_avg"] for state in contents["optimizer_states"][0]["state"].values()]
    assert all(moment.dtype == torch.float32 for moment in moments)
    assert all(moment.abs().sum() > 0 for moment in moments[-len(list(fresh.parameters())) :]), (
        "its weights have learned"
    )


def test_fp16_embeddings_with_a_scaled_loss_give_finite_gradients():
    """What gradient scaling does on a GPU: the loss times a large number, back into half-precision embeddings."""
    torch.manual_seed(0)
    for option in ("cosface", "arcface", "adaface", "triplet", "angular", "circle"):
        loss = parts.build_loss(to_plain(composed(f"loss={option}", "embedding_size=16")), num_identities=4)
        images = torch.randn(12, 16).half()
        images[1] = images[0]  # a duplicate: cos = 1
        images[2] = -images[0]  # cos = −1
        images.requires_grad_()
        (loss(images, torch.arange(12) // 3).value * 2**10).backward()
        assert images.grad.dtype == torch.float16
        assert images.grad.isfinite().all(), option
        assert all(own.dtype == torch.float32 and own.grad.isfinite().all() for own in loss.parameters()), option
