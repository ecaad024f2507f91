"""The command runs end to end on toy sizes."""

import csv
import re
import socket

import pytest

from resemblance.benchmarks.cases import cases
from resemblance.benchmarks.contestants import contestants
from resemblance.benchmarks.main import main
from tests import prewarmed


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    output = tmp_path_factory.mktemp("loss_cost")
    return prewarmed.run("resemblance.benchmarks.losses", "--quick", "--output", str(output)), output


def test_it_ends_well_and_writes_every_file(ended):
    process, output = ended
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert {path.name for path in output.iterdir()} == {"cpu.csv", "cpu.md", "cpu.png"}
    assert (output / "cpu.png").read_bytes().startswith(b"\x89PNG")


def test_every_contestant_of_every_case_is_measured(ended):
    _, output = ended
    with (output / "cpu.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    expected = [
        (case.series, str(case.images), str(case.classes or ""), name)
        for case in cases("cpu", quick=True)
        for name in contestants(case)
    ]
    assert [(row["series"], row["B"], row["C"], row["contestant"]) for row in rows] == expected
    for row in rows:
        assert row["failure"] == ""
        assert float(row["median_seconds"]) > 0
        assert int(row["timings"]) >= 3
        assert row["contestant"] == "ours" or float(row["relative_difference"]) < 1e-4


def test_the_output_fits_the_console_and_names_no_machine(ended):
    process, output = ended
    host = socket.gethostname()
    assert max(map(len, process.stdout.splitlines())) <= 100
    for text in (process.stdout, (output / "cpu.md").read_text(encoding="utf-8")):
        assert "PyTorch" in text
        assert re.search(r"\d+ threads?[,;]", text)
        assert host == "cpu" or not re.search(rf"\b{re.escape(host)}\b", text)


def test_a_folder_that_can_not_be_written_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["--output", str(tmp_path / "file")]) == 1
    printed = capsys.readouterr().out
    assert "can't be made a folder" in " ".join(printed.split())
    assert "measuring" not in printed


def test_a_gpu_that_is_not_there_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["--device", "cuda"]) == 1
    assert "needs a GPU" in capsys.readouterr().out
