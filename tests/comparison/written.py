"""Run directories with figures that a test has thought out: what a comparison reads, and nothing else."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from safetensors.numpy import save_file

from resemblance.tracking.run_record import RunRecord, configuration_hash

AUC, TAR, EER, RANK = (
    "test/verification/auc",
    "test/verification/tar_at_far_1e_3",
    "test/verification/eer",
    "test/identification/rank_1",
)
LABELS = {AUC: "AUC", TAR: "TAR@FAR=1e-3", EER: "EER", RANK: "rank-1"}
CONFIG: dict[str, Any] = {
    "seed": 0,
    "epochs": 9,
    "embedding_size": 128,
    "batch": {"identities": 32, "images_per_identity": 2, "chunk_size": None},
    "selection": {"metric": "val/verification/auc", "rule": "best"},
    "evaluation": {"batch_size": 256, "flip_average": True},
    "measure_test": True,
    "rehearsal": False,
    "backbone": {"_target_": "resemblance.models.TinyConvNet", "widths": [16, 48]},
    "neck": {"_target_": "resemblance.models.BNNeck", "dropout": 0},
    "sampler": {"_target_": "resemblance.data.samplers.IdentityBatchSampler", "identities_per_batch": 32},
    "optimizer": {"_target_": "torch.optim.AdamW", "lr": 0.004},
    "protocol": {"verification": {"_target_": "resemblance.protocols.Verification", "fars": [0.001]}},
    "data": {
        "_target_": "resemblance.data.rendered.RenderedFaces",
        "train_identities": 500,
        "test_identities": 100,
        "image_size": 64,
        "seed": 0,
        "cache_dir": "~/.cache",
    },
    "trainer": {"accelerator": "auto", "devices": 1},
}
LOSSES: dict[str, dict[str, Any]] = {
    "cosface": {"_target_": "resemblance.losses.CosFaceLoss", "scale": 16, "margin": 0.2},
    "softmax": {"_target_": "resemblance.losses.SoftmaxLoss", "label_smoothing": 0},
    "triplet": {"_target_": "resemblance.losses.TripletLoss", "margin": 0.2, "mining": "semihard"},
    "batch_hard": {"_target_": "resemblance.losses.BatchHardTripletLoss", "margin": "soft"},
}


def write_run(
    path: Path,
    loss: str = "cosface",
    seed: int = 0,
    figures: Mapping[str, float | tuple[float, np.ndarray]] | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    choices: Mapping[str, str] | None = None,
    record: Mapping[str, Any] | None = None,
    scalars: Mapping[str, Mapping[str, Any]] | None = None,
    curves: Mapping[str, Mapping[str, Any]] | None = None,
    images: str = "row,identity,image_id\n0,a,a/0\n1,b,b/0\n",
) -> Path:
    """Write a finished run.

    Args:
        path: its directory; created.
        loss: one of :data:`LOSSES`.
        seed: of the training.
        figures: values by key, with their replicates [B] where there are any; some of its own by default.
        settings: that differ from :data:`CONFIG`, by dotted key.
        choices: options of groups besides the loss.
        record: what run.json says otherwise.
        scalars: further entries of metrics.json, or fields of those that are there.
        curves: of results.json.
        images: contents of images.csv, by which a test set is known.
    """
    if figures is None:
        figures = {AUC: 0.97 + seed / 1000, TAR: 0.4 + seed / 100, EER: 0.09 - seed / 1000, RANK: 0.6 + seed / 100}
    config = json.loads(json.dumps({**CONFIG, "seed": seed, "loss": LOSSES[loss], "name": f"{loss}-seed{seed}"}))
    config["choices"] = {"loss": loss, "backbone": "tiny", "data": "rendered_faces", **(choices or {})}
    for key, value in (settings or {}).items():
        *sections, name = key.split(".")
        part = config
        for section in sections:
            part = part.setdefault(section, {})
        part[name] = value
    metrics: dict[str, dict[str, Any]] = {}
    drawn: dict[str, np.ndarray] = {}
    for key, figure in figures.items():
        value = figure[0] if isinstance(figure, tuple) else figure
        counts = {"subjects": 100, "genuine": 6600}
        metrics[key] = {"value": value, "label": LABELS.get(key, key), "counts": counts}
        if isinstance(figure, tuple):
            drawn[key] = np.ascontiguousarray(figure[1], dtype=np.float64)
            metrics[key]["degrees"] = 99.0
    for name, value in {"images": 54_000, "seconds": 80.5, "images_per_second": 700.0, "parameters": 600_000}.items():
        metrics[f"train/{name}"] = {"value": value, "label": name}
    for key, fields in (scalars or {}).items():
        metrics[key] = {**metrics.get(key, {"label": key}), **fields}
    path.mkdir(parents=True)
    (path / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    (path / "images.csv").write_text(images, encoding="utf-8")
    results = {"scalars": metrics, "curves": curves or {}, "tables": {}}
    (path / "results.json").write_text(json.dumps(results), encoding="utf-8")
    if drawn:
        save_file(drawn, path / "replicates.safetensors")
    (path / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    about = {"version": "0.1.0", "code": "0123456789ab", "software": {"torch": "2.14"}, "threads": 1, "device": "cpu"}
    about |= {"configuration": configuration_hash(config), "files": {}, **(record or {})}
    (path / "run.json").write_text(RunRecord(**about).to_json(), encoding="utf-8")
    seal(path)
    return path


def seal(path: Path) -> None:
    """Write the checksums of the files as they are now into run.json, and the hash of the configuration."""
    record = json.loads((path / "run.json").read_text("utf-8"))
    names = ("config.yaml", "images.csv", "results.json", "replicates.safetensors", "metrics.json", "history.csv")
    names += ("embeddings.safetensors", "hardest_pairs.csv")
    with suppress(yaml.YAMLError, AttributeError, TypeError):  # whatever a test has made of it
        config = yaml.safe_load((path / "config.yaml").read_text("utf-8"))
        record["configuration"] = configuration_hash(config)
    there = [path / name for name in names if (path / name).is_file()]
    there += path.glob("figures/hardest_*.png")
    record["files"] = {
        file.relative_to(path).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in there
    }
    (path / "run.json").write_text(json.dumps(record), encoding="utf-8")


def write_study(path: Path, means: Mapping[str, float], seeds: int = 5, spread: float = 0.002, **more: Any) -> Path:
    """A study in which each loss has a mean AUC, and every other figure follows from it; with replicates.

    The effects of a seed are partly those of all losses; the draws of the subjects move all losses alike, and each one
    a little in its own way.
    """
    generator = np.random.default_rng(0)
    common = generator.normal(0, spread, seeds)
    shared = generator.normal(0, spread, 200)
    for loss, mean in means.items():
        for seed in range(seeds):
            auc = mean + common[seed] + generator.normal(0, spread / 4)
            draws = auc + shared + generator.normal(0, spread / 8, 200)
            figures = {
                AUC: (auc, draws),
                TAR: (auc - 0.5, draws - 0.5),
                EER: (1 - auc, 1 - draws),
                RANK: (auc - 0.3, draws - 0.3),
            }
            write_run(path / loss / str(seed), loss, seed, figures, **more)
    return path
