import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from resemblance.tracking.clock import FitClock, as_clock
from resemblance.tracking.progress import TrainingProgress
from tests.tracking.tiny import fit


class Clock:
    """Each look at it costs some time."""

    def __init__(self, step: float = 0.0) -> None:
        self.seconds, self.step = 0.0, step

    def __call__(self) -> float:
        self.seconds += self.step
        return self.seconds


def lines(folder: Path, interval: float, epochs: int, clock: Clock) -> list[str]:
    out = io.StringIO()
    fit(folder, callbacks=[TrainingProgress(Console(file=out, width=60), interval, clock)], epochs=epochs)
    return out.getvalue().splitlines()


def test_plain_lines_tell_epoch_loss_metric_share_and_time_left(tmp_path: Path) -> None:
    shown = lines(tmp_path, interval=1e9, epochs=20, clock=Clock(0.5))
    assert len(shown) == 2, "short epochs must not flood a log: the first and the last only"
    assert re.fullmatch(r"epoch 1/20  loss \d\.\d+  val AUC 0\.900    5%  0:\d\d:\d\d left", shown[0])
    assert re.fullmatch(r"epoch 20/20  loss [\d.e-]+  val AUC -1\.000  100%  0:00:00 left", shown[1])


def test_the_figure_of_an_earlier_epoch_says_so(tmp_path: Path) -> None:
    shown = lines(tmp_path, interval=3.0, epochs=2, clock=Clock(2.0))
    second = [line for line in shown if line.startswith("epoch 2/2")]
    assert "val AUC 0.900 (epoch 1)" in second[0]
    assert "val AUC 0.800  100%" in second[-1]


def test_long_epochs_show_life_within_them(tmp_path: Path) -> None:
    shown = lines(tmp_path, interval=3.0, epochs=1, clock=Clock(2.0))
    assert len(shown) > 2
    assert shown[0].startswith("epoch 1/1  loss")
    assert "left" in shown[0]
    assert "100%" not in shown[0]


def test_a_terminal_gets_one_bar_that_stays_full(tmp_path: Path) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, legacy_windows=False)
    fit(tmp_path, callbacks=[TrainingProgress(console)], epochs=2)
    last = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", out.getvalue()).replace("\r", "\n").strip().splitlines()[-1]
    assert re.fullmatch(r"training  epoch 2/2  loss [\d.e-]+  val AUC 0\.800 ━+ 100%  took 0:00:\d\d", last)


def test_the_terminal_is_given_back_when_a_training_fails(tmp_path: Path) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, legacy_windows=False)
    with pytest.raises(RuntimeError, match="diverged"):
        fit(tmp_path, callbacks=[TrainingProgress(console)], fail_at=1)
    assert out.getvalue().rindex("\x1b[?25h") > out.getvalue().rindex("\x1b[?25l"), "the cursor is visible again"
    with console.status("and another display may begin"):
        pass


def test_nothing_is_drawn_where_lightning_says_so(tmp_path: Path) -> None:
    out = io.StringIO()
    bar = TrainingProgress(Console(file=out))
    bar.disable()
    fit(tmp_path, callbacks=[bar], epochs=1)
    assert out.getvalue() == ""


def test_time_left_includes_the_validations_to_come() -> None:
    now = Clock()
    clock = FitClock(batches=20, validations=2, validation_batches=3, now=now)
    assert clock.left is None
    for _ in range(10):
        now.seconds += 1
        clock.batch_ended()
    # 10 batches of 1 s, and two validations of three batches at a third each
    assert clock.left == pytest.approx(10 + 2 * 1)
    clock.validation_began()
    now.seconds += 5
    clock.validation_ended()
    assert clock.left == pytest.approx(10 + 5)
    assert clock.share == pytest.approx(0.5)
    for _ in range(10):
        now.seconds += 1
        clock.batch_ended()
    assert clock.left == pytest.approx(5)
    clock.validation_began()
    now.seconds += 5
    clock.validation_ended()
    assert clock.left == 0


def test_a_resumed_training_counts_what_is_done_but_not_its_time() -> None:
    now = Clock()
    clock = FitClock(batches=20, validations=2, validation_batches=1, now=now, done=(10, 1))
    now.seconds += 3
    clock.batch_ended()
    assert clock.share == pytest.approx(11 / 20)
    assert clock.left == pytest.approx(9 * 3 + 1)


def test_nobody_knows_the_time_left_of_a_training_without_end() -> None:
    clock = FitClock(batches=None, validations=0, validation_batches=0, now=Clock(1.0))
    clock.batch_ended()
    assert clock.left is None
    assert clock.share == 0


def test_clock_text() -> None:
    assert [as_clock(s) for s in (0, 0.2, 61, 3600 * 26)] == ["0:00:00", "0:00:01", "0:01:01", "26:00:00"]
