"""A Lightning module that trains in milliseconds and logs what ours logs, in the places where ours does."""

import logging
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, LearningRateMonitor
from pytorch_lightning.loggers import Logger
from torch import Tensor
from torch.utils.data import DataLoader

from resemblance.errors import ResemblanceWarning

BATCHES = 4


class TinyModule(pl.LightningModule):
    """Validation AUC is 0.9, 0.8, 0.7 … and EER is 0.1, 0.2, 0.3 …; a statistic is logged from epoch 1 on only."""

    def __init__(self, fail_at: int | None = None) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)
        self.fail_at = fail_at

    def training_step(self, batch: Tensor, index: int) -> Tensor:
        if self.current_epoch == self.fail_at:
            raise RuntimeError("diverged")
        loss = self.layer(batch).square().mean()
        self.log("train/loss", loss, prog_bar=True, on_step=False, on_epoch=True)
        if self.current_epoch > 0:
            self.log("train/active_share", torch.tensor(0.5), on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch: Tensor, index: int) -> None:
        pass

    def on_validation_epoch_end(self) -> None:
        self.log("val/verification/auc", 0.9 - 0.1 * self.current_epoch, prog_bar=True)
        self.log("val/verification/eer", 0.1 + 0.1 * self.current_epoch)

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.SGD(self.parameters(), 0.01)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5**step)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def fit(
    folder: Path,
    *,
    loggers: Sequence[Logger] = (),
    callbacks: Sequence[Callback] = (),
    epochs: int = 3,
    resume_from: Path | None = None,
    fail_at: int | None = None,
) -> pl.Trainer:
    """Train; what the loggers and callbacks saw is the test's business."""
    lightning = logging.getLogger("pytorch_lightning")
    level = lightning.level
    loader = DataLoader(torch.ones(BATCHES * 2, 2), batch_size=2)  # type: ignore[arg-type]
    monitors = [LearningRateMonitor("epoch")] if loggers else []
    with warnings.catch_warnings(), ExitStack() as after:
        after.callback(lightning.setLevel, level)
        lightning.setLevel(logging.ERROR)
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ResemblanceWarning)
        trainer = pl.Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            logger=list(loggers),
            callbacks=[*callbacks, *monitors],
            default_root_dir=folder,
            enable_checkpointing=False,
            enable_model_summary=False,
            enable_progress_bar=bool(callbacks),
            num_sanity_val_steps=0,
            log_every_n_steps=1,
        )
        trainer.fit(TinyModule(fail_at), loader, loader, ckpt_path=resume_from)
    return trainer
