"""One progress bar for a whole training, or plain lines where nobody watches a terminal."""

import math
import time
from collections.abc import Callable
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ProgressBar
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from torch import Tensor

from resemblance.tracking.clock import FitClock, as_clock
from resemblance.tracking.names import short_name

REFRESH = 0.25
"""Seconds between two looks at the loss: reading it from a GPU makes the CPU wait."""


class TrainingProgress(ProgressBar):
    """Epoch, loss, validation metric, share done and time left of the entire fit.

    On a terminal it is one bar. Elsewhere a line is printed when an epoch ends or within a long one, but not more
    often than every ``interval`` seconds; the first and the last epoch always get theirs. So logs show life.

    Args:
        console: where to draw.
        interval: least number of seconds between two plain lines.
        now: the clock, for tests.
    """

    def __init__(self, console: Console, interval: float = 10.0, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._console = console
        self._interval = interval
        self._now = now
        self._enabled = True
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._clock: FitClock | None = None
        self._loss: Tensor | None = None
        self._loss_shown = ""
        self._last = 0.0
        self._validating = False
        self._validated = 0
        self._first_line_due = True

    def enable(self) -> None:
        """Draw; the default."""
        self._enabled = True

    def disable(self) -> None:
        """Draw nothing: Lightning asks for it on every process but the first."""
        self._enabled = False

    def print(self, *args: Any, **kwargs: Any) -> None:
        """Print above the bar; what a module's own ``print`` leads to."""
        if self._enabled:
            self._console.print(*args)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Find out how much there is to do and begin to draw."""
        if not self._enabled:
            return
        self._clock = _clock(trainer, self.total_val_batches, self._now)
        self._last = self._now()
        self._first_line_due = True
        if self._console.is_interactive:
            self._bar = Progress(
                TextColumn("[bold]training[/]  {task.description}"),
                BarColumn(bar_width=None, complete_style="cyan", finished_style="green"),
                TextColumn("{task.percentage:>3.0f}%  {task.fields[time]}"),
                console=self._console,
                expand=True,
                refresh_per_second=4,
            )
            self._task = self._bar.add_task(self._text(), total=self._clock.batches, time="")
            self._bar.start()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count the batch and smooth its loss; it stays on its device until it is shown."""
        if self._clock is None:
            return
        self._clock.batch_ended()
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        if isinstance(loss, torch.Tensor):
            loss = loss.detach()
            self._loss = loss if self._loss is None else torch.lerp(self._loss, loss, 0.1)
        self._show()

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Time the pause."""
        if self._clock is not None:
            self._validating = True
            self._clock.validation_began()
            self._show()

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep the time left going down during a validation."""
        if self._clock is not None:
            self._clock.validation_batch_ended()
            self._show()

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Count the pause."""
        if self._clock is not None:
            self._validating = False
            self._validated = trainer.current_epoch + 1
            self._clock.validation_ended()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Print a line where there is no bar: for the first epoch, and then when it is time."""
        if self._clock is None:
            return
        self._show(now=self._first_line_due or _is_last(trainer))
        self._first_line_due = False

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Leave the full bar standing, with the time that it took."""
        self._stop()

    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """Give the terminal back before anybody prints an error."""
        self._stop()

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """The same, whatever happened."""
        self._stop()

    def _show(self, *, now: bool = False) -> None:
        assert self._clock is not None
        if self._bar is not None:
            if now or self._now() - self._last >= REFRESH:
                self._last = self._now()
                self._read_loss()
                self._bar.update(
                    self._task, completed=self._clock.completed, description=self._text(), time=self._time()
                )
        elif now or self._now() - self._last >= self._interval:
            self._last = self._now()
            self._read_loss()
            share = f"  {self._clock.share:4.0%}" if self._clock.batches else ""
            self._console.print(f"{self._text()}{share}  {self._time()}", markup=False, highlight=False, soft_wrap=True)

    def _read_loss(self) -> None:
        if self._loss is not None:
            self._loss_shown = f"  loss {self._loss.item():.3g}"

    def _text(self) -> str:
        epochs = self.trainer.max_epochs
        total = f"/{epochs}" if epochs is not None and epochs > 0 else ""
        now = self.trainer.current_epoch + 1
        before = f" (epoch {self._validated})" if 0 < self._validated < now else ""
        return f"epoch {now}{total}{self._loss_shown}{self._metrics(before)}"

    def _metrics(self, of: str = "") -> str:
        """Validation metrics that the module wants on the bar, and the epoch that they are of where that is over."""
        shown = self.trainer.progress_bar_metrics.items()
        return "".join(f"  {short_name(key)} {value:.3f}{of}" for key, value in shown if key.startswith("val/"))

    def _time(self) -> str:
        assert self._clock is not None
        left = self._clock.left
        return "" if left is None else f"{as_clock(left)} left"

    def _stop(self) -> None:
        if self._bar is not None and self._clock is not None:
            self._read_loss()
            took = f"took {as_clock(self._clock.elapsed)}"
            self._bar.update(self._task, completed=self._clock.completed, description=self._text_at_end(), time=took)
            self._bar.stop()
        self._bar = self._clock = None
        self._loss = None

    def _text_at_end(self) -> str:
        # Lightning has already counted the last epoch when a training ends as planned.
        epochs = self.trainer.max_epochs
        done = self.trainer.current_epoch
        total = f"/{epochs}" if epochs is not None and epochs > 0 else ""
        return f"epoch {done}{total}{self._loss_shown}{self._metrics()}"


def _is_last(trainer: pl.Trainer) -> bool:
    return trainer.should_stop or trainer.current_epoch + 1 == trainer.max_epochs


def _clock(trainer: pl.Trainer, validation_batches: int | float, now: Callable[[], float]) -> FitClock:
    per_epoch = trainer.num_training_batches
    epochs = trainer.max_epochs if trainer.max_epochs is not None and trainer.max_epochs > 0 else math.inf
    batches = per_epoch * epochs
    if trainer.max_steps > 0:
        batches = min(batches, trainer.max_steps * trainer.accumulate_grad_batches)
    finite = math.isfinite(batches) and math.isfinite(validation_batches)
    every = trainer.check_val_every_n_epoch or 1
    validations = int(epochs // every) if validation_batches and math.isfinite(epochs) else 0
    seen = trainer.current_epoch
    return FitClock(
        batches=int(batches) if finite else None,
        validations=validations,
        validation_batches=int(validation_batches) if math.isfinite(validation_batches) else 0,
        now=now,
        done=(int(seen * per_epoch) if math.isfinite(per_epoch) else 0, seen // every),
    )
