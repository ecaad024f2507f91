"""``python -m resemblance.tracking.dashboard``: the W&B workspace in which losses are compared, made from code.

Every panel asks for keys that trainings and comparisons log; see docs/tracking.md.
"""

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from resemblance.atomic import write_text
from resemblance.errors import ConfigurationError, OutputError, ResemblanceError
from resemblance.tracking.tolerance import first_line

NAME = "Compare losses"
NOBODY = "OWNER"
"""In a workspace that is only written down."""
PATIENCE = "20"
"""Seconds that W&B has to answer."""
HEADLINES = {
    "test/verification/auc": "AUC",
    "test/verification/tar_at_far_1e_3": "TAR@FAR=1e-3",
    "test/verification/eer": "EER",
    "test/identification/rank_1": "rank-1",
}
COSTS = {
    "train/images_per_second": "images/s",
    "train/seconds": "seconds of training",
    "train/peak_memory_mb": "peak memory, MB",
    "train/parameters": "parameters",
}
"""The end of training logs them; the figures stand against them."""
LOGGED_EACH_EPOCH = {
    "val/verification/auc": "AUC of the validation identities",
    "val/verification/eer": "EER of the validation identities",
    "train/loss": "loss",
    "train/learning_rate": "learning rate",
}
MINING = {
    "train/active_share": "share of pairs or triplets that still teach",
    "train/genuine_similarity": "similarity of genuine pairs",
    "train/impostor_similarity": "similarity of impostor pairs",
    "train/embedding_spread": "spread of the embeddings: 0 is a collapse",
}
ROCS = {"test/roc_table": "ROC on the test identities", "test/pairs/roc_table": "ROC on the benchmark's pairs"}
HARDEST = ("figures/hardest_false_matches", "figures/hardest_false_non_matches")
PICTURES = ("figures/det", "figures/scores", "figures/cmc", "figures/open_set", "figures/calibration")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the workspace, or write what would be made; the exit code.

    Args:
        arguments: of the command line; those of this process by default.
    """
    parser = argparse.ArgumentParser(
        prog="python -m resemblance.tracking.dashboard",
        description="Make the W&B workspace in which losses are compared.",
    )
    parser.add_argument("--entity", help="your user or team; your account's own by default")
    parser.add_argument("--project", default="resemblance", help="as logger.project (resemblance)")
    parser.add_argument("--name", default=NAME, help=f"of the workspace ({NAME})")
    parser.add_argument(
        "--dry-run",
        nargs="?",
        const="-",
        metavar="FILE",
        help="write its JSON to FILE, or to the terminal, without network or account",
    )
    asked = parser.parse_args(arguments)
    try:
        if asked.dry_run is None:
            print(f"made: {save(asked.entity, asked.project, asked.name)}")  # noqa: T201
        else:
            _write(as_json(workspace(asked.entity or NOBODY, asked.project, asked.name)), asked.dry_run)
    except ResemblanceError as error:
        print(f"resemblance: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def workspace(entity: str, project: str, name: str = NAME) -> Any:
    """The workspace: trainings and comparisons, in groups of one configuration.

    Args:
        entity: a user or a team.
        project: of W&B.
        name: of the workspace.

    Raises:
        ConfigurationError: if the package wandb-workspaces is missing.
    """
    wr, ws = _packages()
    best_first = ws.Ordering(ws.Summary("test/verification/auc"), ascending=False)
    return ws.Workspace(
        entity=entity,
        project=project,
        name=name,
        sections=[
            _section(ws, "Leaderboard", [_bars(wr, key, title) for key, title in HEADLINES.items()], columns=2),
            _section(ws, "ROC", [_roc(wr, key, title) for key, title in ROCS.items()], columns=2),
            _section(ws, "Comparisons", [*map(_table_panel(wr), ("leaderboard", "differences")), _compared_roc(wr)], 1),
            _section(ws, "Training", [_lines(wr, key, title) for key, title in LOGGED_EACH_EPOCH.items()], columns=2),
            _section(ws, "Mining and collapse", [_lines(wr, key, title) for key, title in MINING.items()], columns=2),
            _section(ws, "Cost against quality", [_cost(wr, key, title) for key, title in COSTS.items()], columns=2),
            _section(ws, "Hardest pairs", [_images(wr, key) for key in HARDEST], columns=1),
            _section(ws, "Figures", [_images(wr, key) for key in PICTURES], columns=1),
            _section(ws, "Configurations", [wr.RunComparer(diff_only="split")], columns=1),
        ],
        settings=ws.WorkspaceSettings(x_axis="epoch", max_runs=50),
        runset_settings=ws.RunsetSettings(
            filters=ws.And(ws.Metric("JobType").isin(["train", "compare"])),
            groupby=[ws.Metric("Group")],
            order=[best_first],
            pinned_columns=[*(f"summary:{key}" for key in (*HEADLINES, *COSTS)), "config:seed"],
        ),
    )


def as_json(made: Any) -> str:
    """What W&B would be sent: owner, project, name and specification."""
    view = made._to_model()  # the package has no public way to it but save()
    spec = view.spec.model_dump(mode="json", by_alias=True, exclude_none=True)
    about = {"entity": view.entity, "project": view.project, "name": view.display_name, "spec": spec}
    return json.dumps(about, indent=1)


def save(entity: str | None, project: str, name: str = NAME) -> str:
    """Make the workspace; its address.

    Raises:
        ConfigurationError: if the package is missing, or W&B can't be reached or says no.
    """
    _packages()
    import wandb

    os.environ.setdefault("WANDB_HTTP_TIMEOUT", PATIENCE)
    os.environ.setdefault("WANDB_SILENT", "true")
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # W&B's own words for what our sentence says
            owner = entity or wandb.Api().default_entity
            if not owner:
                raise ConfigurationError("Your W&B account has no default owner; name one with --entity.")
            return str(workspace(owner, project, name).save().url)
    except ResemblanceError:
        raise
    except Exception as error:
        why = first_line(error)
        if why.endswith("did not respond in time") or "connection refused" in why:  # in words of W&B's inside
            why = "W&B does not answer"
        raise ConfigurationError(
            f"The workspace can't be made ({why}); run `wandb login`, check --entity and --project, or "
            f"write it down with --dry-run."
        ) from error


def _packages() -> tuple[Any, Any]:
    try:
        import wandb_workspaces.reports.v2 as wr
        import wandb_workspaces.workspaces as ws
    except ImportError as error:
        raise ConfigurationError(
            "The dashboard needs the package wandb-workspaces; install it with `pip install 'resemblance[dashboard]'`."
        ) from error
    return wr, ws


def _section(ws: Any, name: str, panels: list[Any], columns: int) -> Any:
    rows = -(-len(panels) // columns)
    layout = ws.SectionLayoutSettings(columns=columns, rows=min(rows, 2))
    return ws.Section(name=name, panels=panels, is_open=True, layout_settings=layout)


def _bars(wr: Any, key: str, title: str) -> Any:
    """The mean over seeds, and from the lowest to the highest seed."""
    return wr.BarPlot(
        title=f"{title}: mean over seeds, lowest to highest",
        metrics=[key],
        groupby="Group",
        groupby_aggfunc="mean",
        groupby_rangefunc="minmax",
        max_bars_to_show=50,
    )


def _lines(wr: Any, key: str, title: str) -> Any:
    return wr.LinePlot(
        title=title,
        x="epoch",
        y=[key],
        groupby="Group",
        groupby_aggfunc="mean",
        groupby_rangefunc="minmax",
        max_runs_to_show=50,
    )


def _cost(wr: Any, key: str, title: str) -> Any:
    against = "test/verification/tar_at_far_1e_3"
    return wr.ScatterPlot(
        title=f"{HEADLINES[against]} against {title}", x=wr.SummaryMetric(key), y=wr.SummaryMetric(against)
    )


def _roc(wr: Any, table: str, title: str, stroke: str | None = None) -> Any:
    """W&B's line chart over the tables of all runs that are shown: a line for each, by its name and colour."""
    return wr.CustomChart(
        query={"id": None, "name": None, "_defaultColorIndex": None, "summaryTable": {"tableKey": table}},
        chart_name="wandb/line/v0",
        chart_fields={"x": "log10 FAR", "y": "TAR", "stroke": stroke},
        chart_strings={"title": title},
    )


def _compared_roc(wr: Any) -> Any:
    return _roc(wr, "compare/roc_table", "ROC, mean over seeds", stroke="contestant")


def _images(wr: Any, key: str) -> Any:
    return wr.MediaBrowser(title=key.removeprefix("figures/").replace("_", " "), media_keys=[key], num_columns=4)


def _table_panel(wr: Any) -> Any:
    return lambda name: wr.WeavePanelSummaryTable(table_name=name)


def _write(text: str, place: str) -> None:
    if place == "-":
        print(text)  # noqa: T201
        return
    file = Path(place)
    if not file.parent.is_dir():
        raise OutputError(f"There is no folder '{file.parent}' for --dry-run; make it, or name another file.")
    write_text(file, f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
