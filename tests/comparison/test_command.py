"""``compare`` from run directories to files, as a function and as a command line."""

import contextlib
import csv
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

import pytest
import yaml
from rich.console import Console

from resemblance.comparison.command import compare
from resemblance.comparison.findings import Verdict
from resemblance.comparison.settings import FORMATS
from resemblance.comparison.studying import study_of
from resemblance.errors import ConfigurationError, DataError, OutputError
from tests import prewarmed
from tests.comparison.written import AUC, EER, TAR, seal, write_run, write_study
from tests.helpers import REPOSITORY, composed

FILES = {"leaderboard.csv", "differences.csv", "comparison.md", "tables.tex", "report.html"}


def command(*arguments, cwd, **more):
    return subprocess.run(
        [sys.executable, str(REPOSITORY / "compare.py"), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        **more,
    )


def told(config, output_dir):
    """What the console is told, and the study."""
    console = Console(file=io.StringIO(), width=80)
    study = compare(config, output_dir, console=console)
    return console.file.getvalue(), study


def test_the_command_line_compares_trainings(real_study, tmp_path):
    ended = command(f"runs={real_study}", "output_dir=out", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    assert "triplet (mining=semihard)" in ended.stdout
    assert "4 of 4 runs are rehearsals" in ended.stdout
    assert all(len(line) <= 80 for line in ended.stdout.splitlines() if str(tmp_path) not in line)
    assert not re.search(r"\bnan\b", ended.stdout)
    with (tmp_path / "out" / "leaderboard.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["contestant"] for row in rows} == {"cosface", "triplet (mining=semihard)"}
    for row in rows:
        folder = real_study / row["loss"]
        values = [json.loads((folder / seed / "metrics.json").read_text())[row["figure"]]["value"] for seed in "12"]
        assert [float(value) for value in row["values"].split()] == values
        assert float(row["mean"]) == pytest.approx(sum(values) / 2)
        assert float(row["train/parameters"]) > 0


def test_nothing_that_computes_is_imported(made_up_study, tmp_path):
    code = (
        "import sys; from resemblance.comparison.command import compare; "
        f"compare({{'runs': {str(made_up_study)!r}, 'formats': ['csv', 'markdown', 'latex', 'html']}}, 'out'); "
        "sys.exit(' '.join({'torch', 'pytorch_lightning', 'matplotlib', 'wandb'} & set(sys.modules)) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr


def test_a_clear_study(made_up_study, tmp_path):
    printed, study = told(composed(f"runs={made_up_study}", command="compare"), tmp_path / "out")
    (of,) = study.test_sets
    auc = of.findings[0]
    assert auc.key == AUC
    assert [one.contestant for one in auc.standings] == [
        "cosface",
        "softmax",
        "triplet (mining=semihard)",
        "batch_hard",
    ]
    verdicts = {(one.first, one.second): one.verdict for one in auc.differences}
    assert verdicts["softmax", "triplet (mining=semihard)"] is Verdict.BETTER
    assert verdicts["cosface", "batch_hard"] is Verdict.BETTER
    flat = " ".join(printed.split())
    assert "AUC: cosface is better than triplet (mining=semihard) by 0.0" in flat
    assert "EER: cosface is better (lower) than triplet (mining=semihard) by 0.0" in flat
    assert all(len(line) <= 80 for line in printed.splitlines() if str(tmp_path) not in line)
    assert study.command == "python compare.py"


def test_figures_and_deltas_of_the_users_own(made_up_study, tmp_path):
    config = composed(f"runs={made_up_study}", "figures=[rank_1,eer]", "formats=[]", command="compare")
    study = told(config, tmp_path / "out")[1]
    assert [findings.label for findings in study.test_sets[0].findings] == ["rank-1", "EER"]
    config = composed(f"runs={made_up_study}", "figures={test/verification/auc: 0.1}", "formats=[]", command="compare")
    (findings,) = told(config, tmp_path / "out")[1].test_sets[0].findings
    assert (findings.key, findings.delta) == (AUC, 0.1)
    verdicts = {(one.first, one.second): one.verdict for one in findings.differences}
    assert verdicts["cosface", "softmax"] is Verdict.EQUIVALENT


def test_one_seed_gives_no_interval(tmp_path):
    study = study_of(write_study(tmp_path / "study", {"cosface": 0.97, "triplet": 0.6}, seeds=1))
    for findings in study.test_sets[0].findings:
        assert all(one.over_seeds is None for one in findings.standings)
        (one,) = findings.differences
        assert (one.verdict, one.p, one.low, one.high, one.more_seeds) == (Verdict.UNDECIDED, None, None, None, None)


def test_a_run_and_its_copy_are_one_contestant(tmp_path):
    write_run(tmp_path / "study" / "a")
    shutil.copytree(tmp_path / "study" / "a", tmp_path / "study" / "b")
    printed, study = told({"runs": str(tmp_path / "study")}, tmp_path / "out")
    (of,) = study.test_sets
    assert len(of.contestants) == 1
    assert any("the same figures" in warning for warning in of.warnings)
    assert "more of this kind" not in printed
    assert "cosface reaches AUC 0.9700 over 1 seed; there is nothing to compare it with." in " ".join(printed.split())


def test_many_copies_are_one_warning_of_the_console(tmp_path):
    for copy in "abcdef":
        write_run(tmp_path / "study" / copy)
    printed, study = told({"runs": str(tmp_path / "study"), "formats": ["markdown"]}, tmp_path / "out")
    assert len(study.test_sets[0].warnings) == 5
    assert printed.count("the same figures") == 1
    assert "4 warnings more of this kind; formats=[markdown] writes them all" in printed
    assert (tmp_path / "out" / "comparison.md").read_text("utf-8").count("the same figures") == 5


def test_two_configurations_with_one_outcome_are_neither_better_nor_tested(tmp_path):
    for loss in ("cosface", "softmax"):
        for seed in range(4):
            write_run(tmp_path / "study" / f"{loss}{seed}", loss, seed)
    for findings in study_of(tmp_path / "study").test_sets[0].findings:
        (one,) = findings.differences
        assert (one.verdict, one.p, one.estimate) == (Verdict.UNDECIDED, None, 0)


def test_bad_runs_are_told_and_the_others_compared(made_up_study, tmp_path):
    study = tmp_path / "study"
    shutil.copytree(made_up_study, study)
    (study / "cosface" / "0" / "metrics.json").unlink()
    with (study / "softmax" / "1" / "metrics.json").open("a") as file:
        file.write(" ")
    record = json.loads((study / "triplet" / "2" / "run.json").read_text())
    (study / "triplet" / "2" / "run.json").write_text(json.dumps({**record, "format": 0}))
    metrics = json.loads((study / "batch_hard" / "3" / "metrics.json").read_text())
    metrics[AUC]["value"] = float("nan")
    (study / "batch_hard" / "3" / "metrics.json").write_text(json.dumps(metrics))
    write_run(study / "broken", seed=9)
    (study / "broken" / "metrics.json").write_text("{")
    seal(study / "broken")
    (study / "failed").mkdir()
    (study / "failed" / "failed.txt").write_text("There is no GPU.\n")
    printed, found = told({"runs": str(study)}, tmp_path / "out")
    assert len(found.refused) == 6
    flat = " ".join(printed.split())
    for word in ("half written", "was changed after", "format 0", "not a number", "damaged", "There is no GPU."):
        assert word in flat
    (of,) = found.test_sets
    assert len(of.contestants) >= 3
    assert of.findings[0].differences


def test_where_no_run_is_left_each_reason_is_told(tmp_path):
    for seed in range(12):
        write_run(tmp_path / "s" / str(seed), seed=seed)
        (tmp_path / "s" / str(seed) / "metrics.json").write_text("{")
        seal(tmp_path / "s" / str(seed))
    with pytest.raises(
        DataError, match=r"'.*/0/metrics.json' is damaged.*; '.*/1/metrics.json' is .*; 2 more can't be"
    ):
        study_of(tmp_path / "s")


def test_figures_that_some_or_all_runs_lack(tmp_path):
    refused = {"test/verification/refused": {"columns": ["f", "r"], "rows": [["TAR@FAR=1e-3", "480 impostor pairs."]]}}
    for seed in range(2):
        write_run(tmp_path / "s" / f"a{seed}", "cosface", seed, {AUC: 0.9 + seed / 100, EER: 0.1 + seed / 100})
        write_run(tmp_path / "s" / f"b{seed}", "softmax", seed, {AUC: 0.8 + seed / 90})
    for path in (tmp_path / "s").iterdir():
        results = json.loads((path / "results.json").read_text())
        (path / "results.json").write_text(json.dumps({**results, "tables": refused}))
        seal(path)
    found = study_of(tmp_path / "s")
    (of,) = found.test_sets
    assert [findings.key for findings in of.findings] == [AUC, EER]
    assert found.notes == (f"{TAR} is not compared: 480 impostor pairs.",)  # nobody asked for it, or for rank-1
    assert f"{EER} is compared without softmax: not all of their runs have it." in of.warnings
    assert not any("rank_1" in warning or TAR in warning for warning in of.warnings)


def test_usual_figures_that_no_run_has_are_no_warning_and_nothing_left_is_refused(tmp_path):
    for seed in range(2):
        write_run(tmp_path / "s" / f"a{seed}", "cosface", seed, {AUC: 0.9 + seed / 100})
        write_run(tmp_path / "s" / f"b{seed}", "softmax", seed, {AUC: 0.8 + seed / 100})
        write_run(tmp_path / "t" / f"a{seed}", "cosface", seed, {"test/pairs/auc": 0.9})
    found = study_of(tmp_path / "s")
    assert (found.test_sets[0].warnings, found.notes) == ((), ())
    with pytest.raises(ConfigurationError, match="name some with figures=, there are: test/pairs/auc"):
        study_of(tmp_path / "t")
    write_run(tmp_path / "t" / "a2", "cosface", 2, {AUC: 0.9})  # of one contestant with two seeds that lack it
    with pytest.raises(ConfigurationError, match=f"No contestant has {AUC} with all of its seeds"):
        study_of(tmp_path / "t")


def test_a_report_is_called_after_the_folder_of_its_runs(tmp_path):
    for loss in ("cosface", "softmax"):
        write_run(tmp_path / "mine" / loss / "0", loss)
    mine = tmp_path / "mine"
    both = [mine / "cosface", f"{mine}/softmax/"]
    for runs in (mine, f"{mine}/*", f"{mine}/*/0", both, [mine, mine / "softmax"]):
        assert study_of(runs).title == "Comparison of mine"
    for runs, name in ((both[0], "cosface"), (f"{both[0]}/*", "cosface"), (f"{both[0]}/0/metrics.json", "0")):
        assert study_of(runs).title == f"Comparison of {name}"


def test_trials_stay_out_and_their_budget_is_told(tmp_path):
    study = write_study(tmp_path / "study", {"cosface": 0.97, "softmax": 0.96}, seeds=3)
    write_run(study / "tuning" / "cosface" / "0", settings={"measure_test": False}, seed=1000)
    (study / "tuning" / "softmax" / "0").mkdir(parents=True)
    (study / "tuning" / "softmax" / "0" / "failed.txt").write_text("no\n")
    trial = {"settings": {}, "value": 0.9, "seconds": 30.0}
    best = {"metric": "val/verification/auc", "epochs": 4, "seed": 1000, "value": 0.9}
    (study / "tuning.json").write_text(
        json.dumps(
            {
                "cosface": {**best, "trials": [trial] * 8, "best": {"loss.margin": 0.3}},
                "softmax": {**best, "trials": [trial] * 7, "best": {}},
            }
        )
    )
    printed, found = told({"runs": str(study)}, tmp_path / "out")
    assert found.refused == {}
    flat = " ".join(printed.split())
    assert "2 trials of a tuning are left out" in flat
    assert "cosface: 8 trials of 4 epochs in 240 s, by val/verification/auc: loss.margin=0.3" in flat
    assert "warning: tuning budget differs: 8 trials of 4 epochs (cosface); 7 trials of 4 epochs (softmax)." in flat


def test_several_test_sets_have_a_comparison_each_and_ranks_from_five_on(tmp_path):
    for number in range(5):
        means = {"cosface": 0.97, "softmax": 0.95, "triplet": 0.9}
        settings = {"data.seed": number}
        write_study(tmp_path / "s" / str(number), means, seeds=2, settings=settings)
    found = study_of(tmp_path / "s")
    assert [of.name for of in found.test_sets] == [f"rendered_faces (seed={number})" for number in range(5)]
    assert [ranks.label for ranks in found.ranks] == ["AUC", "TAR@FAR=1e-3", "EER", "rank-1"]
    assert next(iter(found.ranks[0].mean_ranks)) == "cosface"
    shutil.rmtree(tmp_path / "s" / "4")
    found = study_of(tmp_path / "s")
    assert found.ranks == ()
    assert any("No ranks over data sets: there are 4" in note for note in found.notes)


def test_whoever_reads_may_stop_reading(made_up_study, tmp_path):
    words = [sys.executable, str(REPOSITORY / "compare.py"), f"runs={made_up_study}", "output_dir=out", "formats=[csv]"]
    line = f"{shlex.join(words)} | head -1"
    ended = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (ended.stdout, ended.stderr) == ("Comparison of losses\n", "")
    assert (tmp_path / "out" / "differences.csv").is_file()


def test_figures_that_no_run_has(made_up_study, tmp_path):
    with pytest.raises(ConfigurationError, match="did you mean 'test/verification/auc'"):
        study_of(made_up_study, ["auk"])


def test_nothing_to_compare(tmp_path):
    run = write_run(tmp_path / "s" / "a")
    (run / "metrics.json").unlink()
    with pytest.raises(DataError, match="No run can be compared: '.*' is half written"):
        study_of(tmp_path / "s")
    write_run(tmp_path / "t" / "a", settings={"measure_test": False})
    with pytest.raises(DataError, match="only trials of a tuning"):
        study_of(tmp_path / "t")


def test_the_help_names_every_setting_and_every_format():
    told = (REPOSITORY / "conf" / "hydra" / "help" / "compare.yaml").read_text("utf-8")
    settings = yaml.safe_load((REPOSITORY / "conf" / "compare.yaml").read_text("utf-8"))
    assert [key for key in {*settings, "logger"} - {"defaults", "hydra"} if f"\n  {key}: " not in told] == []
    (formats,) = [line for line in told.splitlines() if line.startswith("  formats:")]
    assert [name for name in FORMATS if name not in formats] == []


def test_files_of_an_earlier_comparison_that_are_not_of_this_one_are_told(made_up_study, tmp_path):
    settings = [f"runs={made_up_study}", "formats=[csv,markdown]"]
    out = tmp_path / "out"
    first, _ = told(composed(*settings, command="compare"), out)
    assert "earlier comparison" not in first
    (out / "figures").mkdir()
    (out / "figures" / "roc.png").write_bytes(b"")
    again, _ = told(composed(*settings, "formats=[csv]", command="compare"), out)
    _, left = again.split("left there by an earlier comparison, and not of this one:\n")
    assert left.split() == [str(out / "comparison.md"), str(out / "figures" / "roc.png")]


def test_pictures_of_this_comparison_are_not_of_an_earlier_one(made_up_study, tmp_path):
    config = composed(f"runs={made_up_study}", "formats=[png]", "figures=[auc]", command="compare")
    assert "earlier comparison" not in told(config, tmp_path)[0]


def test_tables_are_seen_whatever_comes_of_the_files(made_up_study, tmp_path, monkeypatch):
    def fails(*_, **__):
        raise OutputError("The disk is full.")

    monkeypatch.setattr("resemblance.comparison.command.write_study", fails)
    console = Console(file=io.StringIO(), width=80)
    with pytest.raises(OutputError, match="full"):
        compare({"runs": str(made_up_study)}, tmp_path / "out", console=console)
    assert "conclusions\n" in console.file.getvalue()


def test_the_folder_of_a_run_is_no_place_for_a_comparison(made_up_study):
    run = next(path.parent for path in made_up_study.rglob("metrics.json"))
    with pytest.raises(OutputError, match="is the folder of a run"):
        told(composed(f"runs={made_up_study}", command="compare"), run)


def test_an_output_folder_that_is_a_file(made_up_study, tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="is a file, so no comparison"):
        told({"runs": str(made_up_study)}, tmp_path / "out")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Say which runs to compare: runs=FOLDER"),
        (("runs=nowhere",), "There is no folder 'nowhere'"),
        (("runs=.",), "There is no run directory at or below '.'"),
        (("runs=.", "formats=[pdf]"), "There is no format 'pdf'"),
        (("runs=.", "figures={auc: -1}"), "δ of 'auc' in figures= is -1"),
        (("rums=.",), "did you mean 'runs'?"),
        (("runs=.", "output_dir=/proc/nowhere"), "/proc/nowhere"),
        (("runs=.", "logger=tensorboard"), "can't be logged to 'tensorboard'"),
    ],
)
def test_mistakes_end_in_one_sentence(tmp_path, arguments, told):
    ended = prewarmed.run("compare.py", *arguments, cwd=tmp_path)
    assert ended.returncode == 1
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith("resemblance: ")
    assert told in line
    assert list(tmp_path.iterdir()) == []


def test_interrupted(made_up_study, tmp_path):
    # A named pipe in which nobody writes a word: reading the first run never ends.
    study = tmp_path / "study"
    shutil.copytree(made_up_study / "cosface", study)
    (study / "0" / "run.json").unlink()
    os.mkfifo(study / "0" / "run.json")
    process = prewarmed.start("compare.py", "runs=study", "output_dir=out/here", cwd=tmp_path)
    writer, deadline = None, time.monotonic() + 120
    try:
        while writer is None:
            assert time.monotonic() < deadline
            with contextlib.suppress(OSError):  # ENXIO: nobody reads yet
                writer = os.open(study / "0" / "run.json", os.O_WRONLY | os.O_NONBLOCK)
            time.sleep(0.05)
        assert (tmp_path / "out" / "here").exists()
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=120)[1]
    finally:
        process.kill()
    os.close(writer)
    assert process.returncode == 1
    assert errors.strip().splitlines() == ["resemblance: interrupted before the work began."]
    assert not (tmp_path / "out").exists()
