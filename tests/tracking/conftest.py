import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import wandb

from resemblance.results import Curve, Result, Scalar, Table
from resemblance.tracking.figures import write_figures
from resemblance.tracking.keys import merged
from resemblance.tracking.run_directory import RunDirectory

CORE = Path(wandb.__file__).parent / "bin" / "wandb-core"


def result(quality: float) -> Result:
    """A made-up result whose every figure grows with quality (0 … 1); error rates fall."""
    counts = {"subjects": 100, "genuine": 6600, "impostor": 712800}
    tar = quality**4
    fars = tuple(10 ** (-5 + k / 100) for k in range(501))
    scores = tuple(-1 + k / 50 for k in range(101))
    return Result(
        {
            "verification/auc": Scalar(
                0.5 + quality / 2, "AUC", counts, 0.4 + quality / 2, 0.51 + quality / 2, "dyadic"
            ),
            "verification/eer": Scalar(0.5 - quality / 2, "EER", counts),
            "verification/tar_at_far_1e_2": Scalar(quality * 0.8, "TAR@FAR=1e-2", {**counts, "impostor_errors": 7128}),
            "verification/tar_at_far_1e_3": Scalar(
                tar, "TAR@FAR=1e-3", {**counts, "impostor_errors": 7}, note="thinly supported: 7 impostor errors"
            ),
            "identification/rank_1": Scalar(quality * 0.7, "rank-1", {"subjects": 100, "gallery": 100, "probes": 1100}),
            "pairs/accuracy": Scalar(
                0.5 + quality / 3,
                "accuracy at the threshold chosen on validation identities (pairsDevTest)",
                {"subjects": 90, "genuine": 500, "impostor": 500},
            ),
        },
        {
            "verification/roc": Curve(fars, tuple(far ** (1 - quality * 0.9) for far in fars), "FAR", "TAR"),
            "verification/genuine_scores": Curve(
                scores, tuple(max(0.0, 1 - abs(s - quality)) for s in scores), "cosine", "density"
            ),
            "verification/impostor_scores": Curve(
                scores, tuple(max(0.0, 1 - abs(s)) for s in scores), "cosine", "density"
            ),
            "identification/cmc": Curve((1.0, 2.0, 3.0), (quality * 0.7, quality * 0.8, 0.9), "rank", "rate"),
        },
        {
            "identification/cmc": Table(("rank", "rate"), ((1, quality * 0.7), (2, quality * 0.8))),
            "verification/refused": Table(
                ("figure", "reason"), (("TAR@FAR=1e-7", "712,800 impostor comparisons measure no rate below 1.4e-6."),)
            ),
        },
    )


@pytest.fixture
def untrained() -> Result:
    return result(0.2)


@pytest.fixture
def trained() -> Result:
    return result(0.9)


@pytest.fixture
def everything(untrained: Result, trained: Result) -> Result:
    return merged(baseline=untrained, validation=result(0.85), test=trained)


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    return RunDirectory(tmp_path / "run")


@pytest.fixture
def with_figures(directory: RunDirectory, untrained: Result, trained: Result) -> RunDirectory:
    write_figures(directory, untrained, trained)
    return directory


@dataclass
class OfflineRun:
    """What an offline W&B run has in its log."""

    folder: Path
    run: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    metrics: dict[str, dict[str, Any]] = field(default_factory=dict)
    exit_code: int | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    artifacts: list[dict[str, Any]] = field(default_factory=list)

    def table(self, key: str) -> dict[str, Any]:
        (value,) = [row for row in self.history if f"{key}._type" in row]
        content: dict[str, Any] = json.loads((self.folder / "files" / value[f"{key}.path"]).read_text())
        return content


def read_offline_run(folder: Path) -> OfflineRun:
    """Read a run back with W&B's own reader: what ``wandb leet inspect --json`` calls after a second of imports."""
    (log,) = folder.glob("*.wandb")
    command = [str(CORE), "leet", "inspect", "--no-observability", "--json", "--run-file", str(log)]
    records = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = OfflineRun(folder)
    for record in map(json.loads, records):
        kind, content = record["type"], record.get(record["type"], {})
        if kind == "run":
            found.run = content
        elif kind == "history":
            found.history.append(content["item"])
        elif kind == "metric":
            found.metrics[content.get("name") or content["glob_name"]] = content
        elif kind == "summary":
            found.summary.update(content["update"])
        elif kind == "artifact" and content["type"] != "run_table":
            found.artifacts.append(content)
        elif kind == "exit":
            found.exit_code = content.get("exit_code", 0)
    found.config = {key: value for key, value in found.run["config"]["update"].items() if key != "_wandb"}
    return found


@pytest.fixture
def offline_runs() -> Callable[[Path], list[OfflineRun]]:
    """Every W&B run below a folder, in the order of their beginning."""

    def find(folder: Path) -> list[OfflineRun]:
        return [read_offline_run(path) for path in sorted(folder.rglob("offline-run-*")) if path.is_dir()]

    return find
