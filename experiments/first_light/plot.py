"""Draw ``figures/*.png`` from the tables beside this file: ``python experiments/first_light/plot.py``."""

import csv
from pathlib import Path

from matplotlib.figure import Figure

HERE = Path(__file__).parent
PANELS = {
    "test/verification/auc": "AUC, all pairs",
    "test/verification/tar_at_far_1e_3": "TAR@FAR=1e-3, all pairs",
    "test/identification/rank_1": "rank-1",
}


def read(name: str) -> list[dict[str, str]]:
    """The runs of ``NAME.csv``."""
    with (HERE / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def draw(name: str, title: str) -> None:
    """One panel a figure, one line a loss, one dot a seed."""
    runs = read(name)
    losses = list(dict.fromkeys(run["label"] for run in runs))
    figure = Figure(figsize=(10, 1.1 + 0.42 * len(losses)), dpi=150, layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    for number, (axes, (key, label)) in enumerate(zip(figure.subplots(1, len(PANELS)), PANELS.items(), strict=True)):
        axes.set_title(label, fontsize=10, loc="left")
        axes.plot([float(run[key]) for run in runs], [losses.index(run["label"]) for run in runs], "o", color="#0072b2")
        axes.set_yticks(range(len(losses)), losses if number == 0 else [""] * len(losses))
        axes.set_ylim(len(losses) - 0.5, -0.5)
        axes.grid(color="#dddddd", linewidth=0.8)
        axes.set_axisbelow(True)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0, labelsize=9)
    (HERE / "figures").mkdir(exist_ok=True)
    figure.savefig(HERE / "figures" / f"{name}.png", metadata={"Software": None})


if __name__ == "__main__":
    draw("rendered", "Rendered faces: 100 unseen people, two seeds")
    draw("lfw", "LFW View 1: 1,711 unseen people, one seed")
