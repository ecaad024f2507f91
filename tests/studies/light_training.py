"""``train.py`` with a training that imports nothing heavy, for studies in real processes.

``LIGHT_KILL`` names folders, with commas between them, whose process kills itself in their first try; ``LIGHT_WAIT`` a
file for which every training waits.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from resemblance import cli
from resemblance.config import to_plain
from resemblance.tracking.run_record import record_of

SECONDS = 1.0
"""Of a training whose process is to see another one die."""


def light_training(config: DictConfig) -> None:
    """Leaves what a comparison of folders looks at."""
    folder = Path(HydraConfig.get().runtime.output_dir)
    name = folder.relative_to(Path(HydraConfig.get().sweep.dir).absolute()).as_posix()
    plain = to_plain(config)
    killed = folder / "killed"
    if name in os.environ.get("LIGHT_KILL", "").split(",") and not killed.exists():
        killed.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ.get("LIGHT_KILL"):
        time.sleep(SECONDS)
    while (awaited := os.environ.get("LIGHT_WAIT")) and not Path(awaited).exists():
        time.sleep(0.05)
    figure = {"value": 0.9, "label": "AUC"}
    (folder / "config.yaml").write_text(OmegaConf.to_yaml(OmegaConf.create({**plain, "choices": {"loss": "x"}})))
    (folder / "run.json").write_text(record_of(plain, [], 1).to_json())
    (folder / "metrics.json").write_text(json.dumps({"val/verification/auc": figure}))


if __name__ == "__main__":
    sys.argv[0] = "train.py"
    cli._run("train", light_training)
