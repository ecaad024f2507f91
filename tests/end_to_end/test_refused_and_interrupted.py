"""What commands leave that are refused or interrupted: a sentence, exit code 1, and nothing that is not theirs."""

import csv
import os
import signal
import subprocess
import sys
import time

import matplotlib
import numpy as np
import pytest

from resemblance.tracking.sweep_lock import JOB_LOCK, take
from tests import prewarmed
from tests.helpers import REPOSITORY


@pytest.fixture
def start(tmp_path):
    """A function that begins a command line, with python where its imports matter, and other modules before its own."""

    def begin(command, *arguments, imports=False, modules=""):
        own = {"HOME": str(tmp_path / "home"), "RESEMBLANCE_CACHE": str(tmp_path / "cache")}
        environment = {**os.environ, **own, "MPLCONFIGDIR": matplotlib.get_cachedir()}  # fonts are listed once
        if not imports and not modules:
            return prewarmed.start(f"{command}.py", *arguments, cwd=tmp_path, env=environment)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(modules), os.environ.get("PYTHONPATH")]))
        return subprocess.Popen(
            [sys.executable, str(REPOSITORY / f"{command}.py"), *arguments],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell hands a SIGINT that is ignored down to what it runs in the background, these tests among it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    return begin


def write_vectors(folder, people):
    """Two files of embeddings."""
    generator = np.random.default_rng(0)
    names = [f"P{person:05d}_{number:04d}" for person in range(people) for number in range(1, 7)]
    for file in ("a.npz", "b.npz"):
        emb = np.repeat(generator.normal(size=(people, 16)), 6, 0) + generator.normal(size=(6 * people, 16))
        np.savez(folder / file, names=np.array(names), emb=emb)


@pytest.fixture
def vectors(tmp_path):
    """Of 20 people."""
    write_vectors(tmp_path, 20)


@pytest.fixture
def many_vectors(tmp_path):
    """Of so many people that measuring them takes far longer than it takes to interrupt it."""
    write_vectors(tmp_path, 5_000)


@pytest.fixture
def slow_imports(tmp_path):
    """A folder with a torch that takes an hour to import, and a file there that says that this has begun."""
    folder = tmp_path / "slow"
    folder.mkdir()
    begun = folder / "begun"
    (folder / "torch.py").write_text(f"import time\nopen({str(begun)!r}, 'w')\ntime.sleep(3600)\n")
    return begun


def wait_for(path):
    deadline = time.monotonic() + 120
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert path.exists()
    time.sleep(0.2)  # into what has begun there


def sentence(process):
    """What is left to be said, alone on stderr, after exit code 1."""
    errors = process.communicate(timeout=120)[1]
    assert process.returncode == 1, errors
    line, *others = errors.strip().splitlines()
    assert not others, errors
    assert line.startswith("resemblance: ")
    return line


@pytest.mark.parametrize("moment", ["imports", "measuring"])
def test_ctrl_c_ends_an_evaluation_in_one_sentence(start, tmp_path, many_vectors, slow_imports, moment):
    modules = slow_imports.parent if moment == "imports" else ""
    process = start("evaluate", "embeddings=a.npz", "output_dir=run", "logger=none", modules=modules)
    wait_for(slow_imports if modules else tmp_path / "run" / "config.yaml")
    process.send_signal(signal.SIGINT)
    told = sentence(process)
    if moment == "imports":
        assert "interrupted before the work began" in told
        assert not (tmp_path / "run").exists()
    else:
        assert f"interrupted; '{tmp_path / 'run'}' holds what was finished" in told
        assert not (tmp_path / "run" / "metrics.json").exists()


@pytest.mark.parametrize("moment", ["imports", "measuring"])
def test_ctrl_c_ends_a_multirun_and_its_table_lists_the_job(start, tmp_path, many_vectors, slow_imports, moment):
    modules = slow_imports.parent if moment == "imports" else ""
    words = ("-m", "embeddings=a.npz,b.npz", "logger=none", "hydra.sweep.dir=sweep")
    process = start("evaluate", *words, modules=modules)
    wait_for(slow_imports if modules else tmp_path / "sweep" / "0" / "config.yaml")
    process.send_signal(signal.SIGINT)
    assert f"interrupted in the job '{tmp_path / 'sweep' / '0'}'; runs.csv" in sentence(process)
    with (tmp_path / "sweep" / "runs.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row["status"] == "interrupted"
    assert row["name"] == ("embeddings=a.npz logger=none" if moment == "imports" else "a")
    assert (tmp_path / "sweep" / "0" / "failed.txt").read_text() == "interrupted\n"


@pytest.mark.parametrize(("command", "place"), [("train", "new/er"), ("evaluate", "new/er"), ("evaluate", "there")])
def test_a_refused_command_leaves_the_folders_as_they_were(start, tmp_path, vectors, command, place):
    (tmp_path / "there").mkdir()
    mistake = {"train": ["data=lfw", "data.root=nowhere"], "evaluate": ["embeddings=a.npz", "pairs=nowhere"]}
    process = start(command, *mistake[command], "logger=none", f"output_dir={place}", imports=command == "train")
    assert "nowhere" in sentence(process)
    assert {path.name for path in tmp_path.iterdir()} - {"cache", "home"} == {"a.npz", "b.npz", "there"}
    assert not list((tmp_path / "there").iterdir())


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_folder_that_another_process_writes_is_left_to_it(start, tmp_path, vectors, command):
    held = take(tmp_path / "run" / JOB_LOCK)
    words = {"train": ["trainer=smoke"], "evaluate": ["embeddings=a.npz"]}[command]
    told = sentence(start(command, *words, "logger=none", "output_dir=run"))
    assert f"'{tmp_path / 'run'}' is being written by process {os.getpid()} on " in told
    assert [path.name for path in (tmp_path / "run").iterdir()] == [JOB_LOCK]
    held.release(remove=True)


def test_a_run_that_wandb_refuses_leaves_nothing(start, tmp_path, vectors):
    told = sentence(start("evaluate", "embeddings=a.npz", "logger.mode=online", "output_dir=run"))
    assert "W&B can't start with logger.mode=online" in told
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["notakey"], "'notakey' is not KEY=VALUE, such as"),
        (["similarity=l3"], "similarity is 'l3', but should be 'auto'"),
        (["embeddings=a.npz", "checkpoint=run"], "but checkpoint= and embeddings= are given"),
        ([], "but none is given"),
        (["embeddings="], "embeddings= is empty"),
        (["checkpoint="], "checkpoint= is empty"),
        (["embeddings=a.npz", "pairs="], "pairs= is empty"),
        (["embeddings=a.npz", "output_dir="], "output_dir is empty"),
        (["-m", "embeddings=a.npz", "logger=non,wandb"], "no logger called 'non'"),
    ],
)
def test_mistakes_of_a_word_are_told_before_what_computes_is_imported(start, tmp_path, vectors, arguments, told):
    (tmp_path / "torch.py").write_text("raise SystemExit('torch is imported')")
    process = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "evaluate.py"), *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert told in sentence(process)
    assert {path.name for path in tmp_path.iterdir()} == {"a.npz", "b.npz", "torch.py"}


def test_the_traceback_of_a_mistake_can_be_asked_for(tmp_path):
    ended = subprocess.run(
        [sys.executable, str(REPOSITORY / "evaluate.py"), "similarity=l3"],
        cwd=tmp_path,
        env={**os.environ, "HYDRA_FULL_ERROR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("resemblance: similarity is 'l3'")
