import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wandb

from resemblance.tracking.dashboard import main
from resemblance.tracking.wandb_media import ROC_COLUMNS, as_table
from tests.tracking.wandb_server import KEY, WandbServer, wandb_server

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:wandb_workspaces")


@pytest.fixture(autouse=True)
def nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WANDB_HTTP_TIMEOUT", "60")  # whoever answers does so on a busy machine in a while
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")
    wandb.teardown()
    yield
    wandb.teardown()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WandbServer]:
    with wandb_server() as server:
        monkeypatch.setenv("WANDB_BASE_URL", server.url)
        monkeypatch.setenv("WANDB_API_KEY", KEY)
        yield server


def panels(made: dict[str, Any]) -> list[dict[str, Any]]:
    sections = made["spec"]["section"]["panelBankConfig"]["sections"]
    return [panel for section in sections for panel in section["panels"]]


def test_a_dry_run_needs_neither_network_nor_account(tmp_path: Path) -> None:
    """In a process of its own, which the least sign of a connection would end."""
    code = (
        "import socket, sys\n"
        "def refuse(*of): raise SystemExit('tried to reach ' + repr(of))\n"
        "socket.socket.connect = refuse\n"
        "from resemblance.tracking.dashboard import main\n"
        "sys.exit(main(['--dry-run', '--project', 'faces']))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    made = json.loads(ended.stdout)
    assert (made["project"], made["name"]) == ("faces", "Compare losses")
    assert [path.name for path in tmp_path.iterdir()] == []


def test_what_is_written_compares_configurations(tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    assert main(["--dry-run", str(file), "--entity", "us", "--name", "mine"]) == 0
    made = json.loads(file.read_text())
    assert (made["entity"], made["name"]) == ("us", "mine")
    (runs,) = made["spec"]["section"]["runSets"]
    assert runs["grouping"] == [{"section": "run", "name": "group"}]
    assert runs["filters"]["filters"][0]["value"] == ["train", "compare"]
    drawn = panels(made)
    assert {panel["viewType"] for panel in drawn} == {
        *("Bar Chart", "Vega2", "Weave", "Run History Line Plot", "Scatter Plot", "Media Browser", "Run Comparer")
    }
    assert all(panel["config"]["groupBy"] == "group" for panel in drawn if panel["viewType"] == "Bar Chart")


def test_its_roc_is_the_chart_that_runs_log(tmp_path: Path) -> None:
    """W&B lays the tables of all runs over one another if the panel asks as the chart of a single run does."""
    file = tmp_path / "workspace.json"
    main(["--dry-run", str(file)])
    chart = wandb.plot.line(as_table(ROC_COLUMNS, [[0.1, -1.0, 0.5]]), "log10 FAR", "TAR", title="t")
    chart.set_key("test/roc")
    logged = chart.spec.config_value["panel_config"]
    panel = next(panel for panel in panels(json.loads(file.read_text())) if panel["viewType"] == "Vega2")["config"]
    assert panel["panelDefId"] == logged["panelDefId"]
    assert panel["transform"] == logged["transform"]
    assert panel["fieldSettings"] == logged["fieldSettings"]
    ours, theirs = panel["userQuery"]["queryFields"][0], logged["userQuery"]["queryFields"][0]
    assert ours["args"][0] == theirs["args"][0]
    assert sorted(ours["fields"], key=str) == sorted(
        [{key: value for key, value in field.items() if key != "args" or value} for field in theirs["fields"]], key=str
    )


def test_it_is_made_where_it_was_asked_for(server: WandbServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--entity", "us", "--project", "faces"]) == 0
    (view,) = server.asked("UpsertView2")
    assert (view["entityName"], view["projectName"], view["displayName"]) == ("us", "faces", "Compare losses")
    assert json.loads(view["spec"])["section"]["panelBankConfig"]["sections"][0]["name"] == "Leaderboard"
    assert "/us/faces?nw=" in capsys.readouterr().out


def test_the_owner_is_the_accounts_own(server: WandbServer) -> None:
    assert main([]) == 0
    assert server.asked("UpsertView2")[0]["entityName"] == "somebody"


@pytest.mark.parametrize("owner", [[], ["--entity", "us"]])
def test_a_network_that_is_gone_is_told(
    owner: list[str], server: WandbServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_HTTP_TIMEOUT", "2")
    monkeypatch.setattr(wandb.Api, "_HTTP_TIMEOUT", 2)  # read from there when W&B is imported
    server.die()
    assert main(owner) == 1
    check_sentence(capsys, "can't be made")


def test_no_account_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    assert main(["--entity", "us"]) == 1
    check_sentence(capsys, "`wandb login`")


def test_a_package_that_is_missing_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb_workspaces.workspaces", None)
    assert main(["--dry-run"]) == 1
    check_sentence(capsys, "pip install 'resemblance[dashboard]'")


def test_a_folder_that_is_missing_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--dry-run", str(tmp_path / "nowhere" / "workspace.json")]) == 1
    check_sentence(capsys, "There is no folder")


def check_sentence(capsys: pytest.CaptureFixture[str], part: str) -> None:
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("resemblance: ")
    assert line.endswith(".")
    assert part in line
