"""Run directories with all that a page draws: curves, a history, hardest pairs with their sheets, and embeddings."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import save_file
from scipy.stats import norm

from tests.comparison.written import AUC, EER, RANK, TAR, seal, write_run

IDENTITIES, IMAGES, SIZE = 14, 4, 8
EPOCHS, STEPS = 9, 100
PAIRS, CELL = 8, 112


def write_pictured_run(path: Path, loss: str, seed: int, separation: float, **more: Any) -> Path:
    """A finished run of a loss whose scores are normal, genuine and impostor ones ``separation`` deviations apart.

    Args:
        path: its directory; created.
        loss: what it is called.
        seed: of the training.
        separation: d′.
        more: for :func:`~tests.comparison.written.write_run`.
    """
    generator = np.random.default_rng([seed, len(loss), ord(loss[0])])
    # The draws of subjects are those of the test set, so the same for every run.
    shared = np.random.default_rng(7).normal(0, 0.05, 200)
    apart = separation + generator.normal(0, 0.03)
    draws = apart + shared + generator.normal(0, 0.01, 200)
    figures = {
        AUC: (norm.cdf(apart / 2**0.5), norm.cdf(draws / 2**0.5)),
        TAR: (norm.cdf(norm.ppf(1e-3) + apart), norm.cdf(norm.ppf(1e-3) + draws)),
        EER: (norm.cdf(-apart / 2), norm.cdf(-draws / 2)),
        RANK: (norm.cdf(apart - 2), norm.cdf(draws - 2)),
    }
    cost = {"train/peak_memory_mb": {"value": 900.0 + len(loss)}, "train/seconds": {"value": 80.0 + len(loss) + seed}}
    cost |= {"train/loss_parameters": {"value": 0.0}, "train/images": {"value": 64.0 * STEPS * EPOCHS}}
    cost |= {"train/images_per_second": {"value": 700.0 - 3 * len(loss) - seed}}
    cost |= {"train/collapsed": {"value": 0.0}}
    names = [f"person-{number:02}" for number in range(IDENTITIES)]
    rows = [(name, f"{name}/{image}") for name in names for image in range(IMAGES)]
    table = "".join(f"{row},{name},{image}\n" for row, (name, image) in enumerate(rows))
    settings = {"name": f"{loss}-seed{seed}", "loss._target_": f"somewhere.{loss}", "loss.margin": len(loss) / 20}
    settings |= more.pop("settings", {})
    known = "cosface" if loss != "triplet" else loss
    choices = {"loss": loss, **more.pop("choices", {})}
    write_run(
        path, known, seed, figures, settings=settings, choices=choices, scalars={**cost, **more.pop("scalars", {})},
        images=f"row,identity,image_id\n{table}", record={"overrides": (f"loss={loss}", f"seed={seed}")}, **more,
    )  # fmt: skip
    _curves(path, apart)
    _history(path, loss, apart, generator)
    _pairs(path, rows, generator)
    centres = np.random.default_rng(3).normal(size=(IDENTITIES, SIZE))
    vectors = np.repeat(centres, IMAGES, axis=0) + generator.normal(size=(len(rows), SIZE)) / separation
    identities = np.repeat(np.arange(IDENTITIES), IMAGES)
    metadata = {"similarity": "cosine", "normalized": "true"}
    save_file(
        {"vectors": vectors.astype(np.float32), "identities": identities}, path / "embeddings.safetensors", metadata
    )
    seal(path)
    return path


def write_pictured_study(path: Path, separations: dict[str, float], seeds: int = 3, **more: Any) -> Path:
    """Such a run for each loss and seed."""
    for loss, separation in separations.items():
        for seed in range(1, seeds + 1):
            write_pictured_run(path / loss / str(seed), loss, seed, separation, **dict(more))
    return path


def _curves(path: Path, apart: float) -> None:
    fars = np.geomspace(1e-3, 1, 80)
    curve = {"x": fars.tolist(), "y": norm.cdf(norm.ppf(fars) + apart).tolist(), "x_label": "FAR", "y_label": "TAR"}
    results = json.loads((path / "results.json").read_text("utf-8"))
    results["curves"] = {"test/verification/roc": curve}
    (path / "results.json").write_text(json.dumps(results), encoding="utf-8")


def _history(path: Path, loss: str, apart: float, generator: np.random.Generator) -> None:
    columns = ("epoch", "step", "val/verification/auc", "val/verification/eer", "train/loss", "train/active_share")
    with (path / "history.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow((*columns, "train/embedding_spread"))
        for epoch in range(1, EPOCHS + 1):
            learned = apart * (1 - np.exp(-epoch / 3))
            auc, active = norm.cdf(learned / 2**0.5), np.exp(-epoch / len(loss)) + generator.uniform(0, 0.05)
            row = [epoch, STEPS * epoch, auc, norm.cdf(-learned / 2), 8 / epoch, "" if loss == "softmax" else active]
            table.writerow([*row, 0.9 - 0.01 * epoch])


def _pairs(path: Path, rows: list[tuple[str, str]], generator: np.random.Generator) -> None:
    """The table, and sheets that stand upon white as a run draws them, two images of a pair near each other."""
    (path / "figures").mkdir()
    with (path / "hardest_pairs.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("kind", "first", "second", "score"))
        for kind, name in (("false match", "false_matches"), ("false non-match", "false_non_matches")):
            sheet = np.full((106 + 2 * (CELL + 97), 24 + 4 * (2 * CELL + 32), 3), 255, np.uint8)
            for place in range(PAIRS):
                first, second = generator.choice(len(rows), 2, replace=False)
                table.writerow((kind, rows[first][1], rows[second][1], 0.9 - place / 100))
                top, left = 106 + (place // 4) * (CELL + 97), 24 + (place % 4) * (2 * CELL + 32)
                for side in (0, CELL + 4):
                    colour = generator.integers(0, 200, 3)
                    sheet[top : top + CELL, left + side : left + side + CELL] = colour
                sheet[top + CELL + 8 : top + CELL + 20, left : left + 90] = 40  # a line of text
            Image.fromarray(sheet).save(path / "figures" / f"hardest_{name}.png")
