"""Which epochs are kept and tested, and what is read back of them."""

import csv

import pytest
import torch

from resemblance import checkpoints, parts, trainers
from resemblance.config import to_plain
from resemblance.errors import ConfigurationError, DataError
from tests.end_to_end.smoke import SMOKE, run
from tests.helpers import composed


def test_the_checkpoint_rebuilds_the_network_that_was_tested(finished):
    path, outcome, _ = finished
    network, loss = checkpoints.load(path / "checkpoints" / "best.ckpt")
    source = parts.build_source(to_plain(composed(*SMOKE)))
    test_set = source.test()
    vectors = network.embed(test_set.images, flip_average=True).detach()
    torch.testing.assert_close(vectors, outcome.trained.embeddings.vectors, rtol=1e-4, atol=1e-5)
    assert loss.weight.shape == (16, 128)


def test_the_checkpoint_holds_tensors_and_plain_containers_only(finished):
    path, _, _ = finished
    for name in ("best", "last"):
        contents = torch.load(path / "checkpoints" / f"{name}.ckpt", weights_only=True)
        assert contents["resemblance"]["config"]["choices"]["loss"] == "cosface"


def test_a_strangers_checkpoint_can_not_name_code(finished, tmp_path):
    path, _, _ = finished
    contents = torch.load(path / "checkpoints" / "best.ckpt", weights_only=True)
    contents["resemblance"]["config"]["backbone"] = {"_target_": "os.system", "command": "false"}
    torch.save(contents, tmp_path / "evil.ckpt")
    with pytest.raises(ConfigurationError, match=r"'os.system' can't be built"):
        checkpoints.load(tmp_path / "evil.ckpt")


def test_checkpoints_that_are_none_are_refused_in_one_sentence(finished, tmp_path):
    with pytest.raises(DataError, match="no checkpoint"):
        checkpoints.load(tmp_path / "missing.ckpt")
    torn = tmp_path / "torn.ckpt"
    torn.write_bytes((finished[0] / "checkpoints" / "best.ckpt").read_bytes()[:1000])
    with pytest.raises(DataError, match="damaged or of another kind"):
        checkpoints.load(torn)
    torch.save({"state_dict": {}}, tmp_path / "other.ckpt")
    with pytest.raises(DataError, match="not one that resemblance wrote"):
        checkpoints.load(tmp_path / "other.ckpt")


def test_best_and_last_are_what_they_are_called(tmp_path):
    """A figure that falls from epoch to epoch: the first epoch is the best, and ``last.ckpt`` is still the last."""
    from pytorch_lightning import LightningModule, Trainer
    from torch.utils.data import DataLoader

    class Worsening(LightningModule):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def training_step(self, batch, index):
            return self.weight.sum()

        def validation_step(self, batch, index):
            self.log("val/verification/auc", 1.0 - self.current_epoch / 10)
            self.log("val/verification/eer", self.current_epoch / 10)

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    for metric in ("val/verification/auc", "val/verification/eer"):
        folder = tmp_path / metric.replace("/", "_")
        saving = [trainers.best_checkpoint({"metric": metric}, folder), trainers.last_checkpoint(folder)]
        trainer = Trainer(max_epochs=4, callbacks=saving, logger=False, enable_progress_bar=False, accelerator="cpu")
        loader = DataLoader(torch.zeros(2, 1))
        trainer.fit(Worsening(), loader, loader)
        assert sorted(path.name for path in folder.iterdir()) == ["best.ckpt", "last.ckpt"]
        assert torch.load(folder / "best.ckpt", weights_only=True)["epoch"] == 0
        assert torch.load(folder / "last.ckpt", weights_only=True)["epoch"] == 3


@pytest.mark.usefixtures("without_figures")
def test_the_checkpoint_is_chosen_by_the_figure_that_is_reported(tmp_path):
    outcome, _ = run(tmp_path / "run", "epochs=3")
    with (tmp_path / "run" / "history.csv").open() as file:
        seen = [float(row["val/verification/auc"]) for row in csv.DictReader(file)]
    assert max(seen) == pytest.approx(outcome.trained.validation.scalars["verification/auc"].value, abs=1e-6)


@pytest.mark.usefixtures("without_figures")
def test_the_last_checkpoint_is_tested_where_the_configuration_says_so(tmp_path):
    # At this rate the figure gets worse, so that the best epoch is not the last one.
    outcome, _ = run(tmp_path / "run", "selection.rule=last", "epochs=6", "selection.metric=val/verification/eer")
    epochs = {
        name: checkpoints.read(tmp_path / "run" / "checkpoints" / f"{name}.ckpt")["epoch"] for name in ("best", "last")
    }
    assert epochs["last"] == 5
    assert epochs["best"] < 5
    network, _ = checkpoints.load(tmp_path / "run" / "checkpoints" / "last.ckpt")
    test_set = parts.build_source(to_plain(composed(*SMOKE))).test()
    vectors = network.embed(test_set.images, flip_average=True).detach()
    torch.testing.assert_close(vectors, outcome.trained.embeddings.vectors, rtol=1e-4, atol=1e-5)
