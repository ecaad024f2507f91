"""Every command of the README runs: rehearsed here with ``trainer=smoke``, in full under the ``slow`` mark.

So do those of the pages on losses and on evaluations, under the ``slow`` mark.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from tests import prewarmed
from tests.helpers import REPOSITORY, options

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def commands(page):
    """The lines of its console blocks."""
    return [
        line for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL) for line in block.strip().splitlines()
    ]


COMMANDS = commands(README)
OF_LOSSES = commands((REPOSITORY / "docs" / "losses.md").read_text(encoding="utf-8"))
TRAININGS = [command for command in COMMANDS if command.startswith(("python train.py", "make train"))]
BENCHMARKS = [command for command in COMMANDS if command.startswith("python -m resemblance.benchmarks.")]
OF_EVALUATION = [
    re.sub(r"\s+#.*", "", command)
    for command in commands((REPOSITORY / "docs" / "evaluate.md").read_text(encoding="utf-8"))
]
COMPARISONS = [command for command in COMMANDS if command.startswith("python compare.py")]
EVALUATIONS = [command for command in COMMANDS if command.startswith("python evaluate.py")]
LFW = Path(os.environ.get("RESEMBLANCE_DATA", "")) / "lfw"
CASE_OF_BENCHMARK = {
    "resemblance.benchmarks.losses": "batch-hard",
    "resemblance.benchmarks.protocols": "all-pairs",
}


def written_arguments(command):
    """What a training command passes to train.py."""
    words = shlex.split(command)
    if words[0] == "make":
        return shlex.split(next((word[5:] for word in words if word.startswith("ARGS=")), ""))
    return words[2:]


def training_arguments(command):
    """The same, with the user's own LFW folder in place of the README's."""
    return with_data(written_arguments(command))


def rehearsals():
    """Commands that differ once each is a rehearsal; those of the page on losses are slow ones.

    So is that on two processes, for tests/distributed rehearses it too.
    """
    seen = set()
    for command in [*TRAININGS, *OF_LOSSES]:
        arguments = frozenset(written_arguments(command)) | {"trainer=smoke"}
        if arguments not in seen:
            seen.add(arguments)
            slow = command in OF_LOSSES or "trainer.devices=2" in command
            yield pytest.param(command, marks=[pytest.mark.slow] if slow else [])


def with_data(words):
    """The user's own LFW folder in place of the README's."""
    if any(word.startswith("data.root=") for word in words) and "data=folder" not in words:
        if not os.environ.get("RESEMBLANCE_DATA") or not LFW.is_dir():
            pytest.skip("RESEMBLANCE_DATA names no folder with lfw/")
        words = [f"data.root={LFW}" if word.startswith("data.root=") else word for word in words]
    return words


def train(tmp_path, arguments, timeout):
    return prewarmed.run("train.py", *arguments, cwd=tmp_path, timeout=timeout)


def test_the_readme_has_the_commands_that_it_is_there_for():
    assert len(TRAININGS) >= 8
    assert len(OF_LOSSES) >= 5
    assert {"make train", "make test", "make sync"} <= set(COMMANDS)
    assert {command.split()[2] for command in BENCHMARKS} == set(CASE_OF_BENCHMARK)
    assert len(EVALUATIONS) >= 3
    assert len(OF_EVALUATION) >= 12
    others = set(COMMANDS) - set(TRAININGS) - set(BENCHMARKS) - set(EVALUATIONS) - set(COMPARISONS)
    assert others == {"make test", "make sync"}, "a new kind of command needs a test here"


def of_two_jobs(words):
    """Of a multirun the first two values of the first list and the first of the others."""
    if "-m" not in words:
        return words
    kept = iter((2, 1, 1))
    return [",".join(word.split(",")[: next(kept)]) if "," in word else word for word in words]


@pytest.mark.parametrize("command", list(rehearsals()))
def test_a_training_command_rehearses(tmp_path, command):
    words = [*of_two_jobs(training_arguments(command)), "trainer=smoke"]
    if "backbone=resnet50" in words:
        words.append("data.image_size=32")  # half of its time goes into pixels
    ended = train(tmp_path, words, 600)
    assert ended.returncode == 0, ended.stderr
    jobs = 2 if " -m " in command else 1
    assert len(list(tmp_path.rglob("metrics.json"))) == jobs
    assert len(list(tmp_path.rglob("offline-run-*/run-*.wandb"))) >= jobs


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with what the README's evaluations are about: a run, a file of embeddings, a list of pairs."""
    place = tmp_path_factory.mktemp("workplace")
    ended = train(place, ["trainer=smoke", "logger=none", "backbone.widths=[8]", "output_dir=runs/mine"], 300)
    assert ended.returncode == 0, ended.stderr
    names = [f"P{person:02d}_{number:04d}" for person in range(16) for number in range(1, 5)]
    generator = np.random.default_rng(0)
    np.savez(place / "vectors.npz", names=np.array(names), emb=generator.normal(size=(64, 8)).astype(np.float16))
    rows = [f"{names[k]},{names[k + 1]},1\n{names[k]},{names[(k + 4) % 64]},0" for k in range(0, 64, 4)]
    (place / "pairs.csv").write_text("first,second,same\n" + "\n".join(rows) + "\n")
    for copy in "abc":
        shutil.copytree(place / "runs" / "mine", place / "runs" / copy)
    for person in range(6):
        (place / "FOLDER" / f"p{person}").mkdir(parents=True)
        for number in range(2):
            pixels = generator.integers(0, 256, size=(40, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(place / "FOLDER" / f"p{person}" / f"{number}.png")
    return place


@pytest.fixture(scope="module")
def networks(workplace):
    """The same place with networks of somebody else."""
    timm = pytest.importorskip("timm")
    save_file(timm.create_model("resnet18", num_classes=3).state_dict(), workplace / "mine.safetensors")
    network = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what torch.export says of its own parts
        batch = torch.export.Dim("batch", min=1, max=512)
        sizes = ({0: batch},)
        exported = torch.export.export(network, (torch.zeros(2, 3, 112, 112),), dynamic_shapes=sizes)
        torch.export.save(exported, workplace / "network.pt2")
    (workplace / "package").mkdir()
    (workplace / "package" / "module.py").write_text(
        "import torch\ndef function():\n"
        "    return torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten())\n"
    )
    return workplace


@pytest.mark.parametrize(
    "command",
    [
        *EVALUATIONS,
        *(pytest.param(command, marks=pytest.mark.slow) for command in OF_EVALUATION if command not in EVALUATIONS),
    ],
)
def test_an_evaluation_runs(workplace, tmp_path, command, request):
    words = with_data(shlex.split(command))[2:]
    if any(word.startswith("model=") for word in words):
        request.getfixturevalue("networks")
    if any(word.startswith("data=") for word in words):
        words += ["rehearsal=true"]
    if "model=timm" in words:
        words += ["model.pretrained=false", "model.image_size=32"]
    place = f"hydra.sweep.dir={tmp_path}" if "-m" in words else f"output_dir={tmp_path / 'run'}"
    ended = prewarmed.run("evaluate.py", *words, place, cwd=workplace)
    assert ended.returncode == 0, ended.stderr
    assert len(list(tmp_path.rglob("metrics.json"))) == (3 if "-m" in words else 1)


@pytest.mark.parametrize("command", COMPARISONS)
def test_a_comparison_runs(workplace, tmp_path, command):
    (workplace / "studies").mkdir(exist_ok=True)
    shutil.copytree(workplace / "runs" / "mine", workplace / "studies" / "mine" / "0", dirs_exist_ok=True)
    words = shlex.split(command)[2:]
    ended = prewarmed.run("compare.py", *words, f"output_dir={tmp_path / 'out'}", cwd=workplace)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in TRAININGS if "resnet50" not in command])
def test_a_training_command_runs_in_full(tmp_path, command):
    ended = train(tmp_path, training_arguments(command), 3600)
    assert ended.returncode == 0, ended.stderr
    assert "wrote:" in ended.stdout


@pytest.mark.slow  # tests/benchmarks runs both on toy sizes too
@pytest.mark.parametrize("command", BENCHMARKS)
def test_a_benchmark_runs_on_toy_sizes(tmp_path, command):
    words = [sys.executable, *shlex.split(command)[1:]]
    words += ["--quick", "--cases", CASE_OF_BENCHMARK[words[2]]]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert len(list(tmp_path.rglob("*.png"))) == 1


@pytest.mark.parametrize("command", BENCHMARKS)
def test_a_benchmark_is_there(tmp_path, command):
    words = shlex.split(command)
    assert words[:2] == ["python", "-m"]
    ended = prewarmed.run(*words[2:], "--help", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "--cases" in ended.stdout


def make(*arguments, cwd=REPOSITORY):
    return subprocess.run(
        ["make", *arguments, f"VENV={sys.prefix}"],
        cwd=cwd,
        # What the make that runs us was told is no business of this one.
        env={name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "ARGS", "BIN")},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def installed():
    if not (Path(sys.prefix) / ".train").exists():
        pytest.skip("this environment was not made by `make`")


@pytest.mark.usefixtures("installed")
def test_make_train_passes_overrides_and_installs_nothing_twice():
    ended = make("train", "ARGS=loss=angular seed=77 --cfg job")
    assert ended.returncode == 0, ended.stderr
    assert "Installing" not in ended.stdout
    assert "resemblance.losses.AngularLoss" in ended.stdout
    assert "seed: 77" in ended.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
def test_make_train_trains(tmp_path):
    ended = make("train", f"ARGS=trainer=smoke logger=none output_dir={tmp_path / 'run'}")
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "run" / "metrics.json").exists()


@pytest.mark.usefixtures("installed")
def test_make_test_runs_pytest():
    assert "pytest -m" in make("--dry-run", "test").stdout


@pytest.mark.usefixtures("installed")
def test_make_sync_uploads_the_offline_runs_that_there_are(tmp_path):
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy2(REPOSITORY / name, tmp_path)
    assert "no offline run" in make("sync", cwd=tmp_path).stdout
    run = tmp_path / "runs" / "today" / "wandb" / "offline-run-1"
    run.mkdir(parents=True)
    wandb = tmp_path / "bin" / "wandb"
    wandb.parent.mkdir()
    wandb.write_text('#!/bin/sh\necho "called: $@"\n')
    wandb.chmod(0o755)
    assert "called: sync runs/today/wandb/offline-run-1" in make("sync", "BIN=bin", cwd=tmp_path).stdout


@pytest.mark.parametrize("group", ["loss", "backbone", "neck", "data", "sampler", "augmentation", "protocol"])
def test_the_readme_names_every_choice(group):
    row = next(line for line in README.splitlines() if re.match(rf"\| \[?`{group}`", line))
    missing = [option for option in options(group) if f"`{option}`" not in row]
    assert not missing


def test_the_links_of_the_documentation_lead_somewhere():
    for page in [REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md")]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
