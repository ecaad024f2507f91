import csv
import hashlib
import json
import re
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from resemblance import atomic
from resemblance.embeddings import Embeddings
from resemblance.errors import DataError, OutputError
from resemblance.results import Result
from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2, Similarity, WeightedL1
from resemblance.tracking.keys import merged, part
from resemblance.tracking.reading import read_embeddings, read_metrics, read_results
from resemblance.tracking.run_directory import RunDirectory
from resemblance.tracking.run_record import read_record
from tests.helpers import RECORD

EMBEDDINGS = Embeddings(torch.randn(4, 3), torch.tensor([1, 0, 1, 1]))
IDS = ["b/1.jpg", 'a "quoted", 2', "é", "b/3.jpg"]


def test_metrics_have_every_field_and_read_back_as_they_were(directory: RunDirectory, everything: Result) -> None:
    directory.finish(everything, RECORD)
    written = json.loads((directory.path / "metrics.json").read_text())
    assert set(written) >= {"val/verification/auc", "test/identification/rank_1", "baseline/verification/eer"}
    fields = {"value", "low", "high", "counts", "label", "method", "note", "degrees"}
    assert set(written["test/verification/auc"]) == fields
    assert read_metrics(directory.path) == everything.scalars


def test_the_record_has_checksums_of_all_that_a_comparison_reads(directory: RunDirectory, everything: Result) -> None:
    directory.write_config("epochs: 3")
    directory.hardest_pairs.write_text("kind,first,second,score")
    directory.figures.mkdir()
    (directory.figures / "hardest_false_matches.png").write_bytes(b"a sheet")
    (directory.figures / "roc.png").write_bytes(b"drawn again from the curves")
    directory.finish(everything, RECORD)
    files = read_record(directory.path).files
    assert files["figures/hardest_false_matches.png"] == hashlib.sha256(b"a sheet").hexdigest()
    names = {"config.yaml", "results.json", "metrics.json", "hardest_pairs.csv"}
    assert set(files) == names | {"figures/hardest_false_matches.png"}


def test_results_read_back_so_that_figures_can_be_drawn_again(directory: RunDirectory, everything: Result) -> None:
    directory.write_results(everything)
    assert read_results(directory) == everything


def test_merged_results_come_apart_again(untrained: Result, trained: Result) -> None:
    together = merged(baseline=untrained, validation=trained, test=trained)
    assert part(together, "baseline") == untrained
    assert part(together, "test") == trained
    assert part(together, "nothing") == Result()


def test_embeddings_are_raw_and_row_aligned_with_images(directory: RunDirectory) -> None:
    directory.write_embeddings(EMBEDDINGS, IDS, ["anna", "bert"], NegativeSquaredL2(normalized=True))
    with (directory.path / "images.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == ["0", "1", "2", "3"]
    assert [row["identity"] for row in rows] == ["bert", "anna", "bert", "bert"]
    assert [row["image_id"] for row in rows] == IDS
    saved = read_embeddings(directory.path)
    assert torch.equal(saved.embeddings.vectors, EMBEDDINGS.vectors)
    assert torch.equal(saved.embeddings.identities, EMBEDDINGS.identities)
    assert (saved.image_ids, saved.identity_names) == (IDS, ["bert", "anna", "bert", "bert"])


@pytest.mark.parametrize(
    "similarity",
    [
        CosineSimilarity(),
        NegativeL1(normalized=False),
        NegativeSquaredL2(normalized=True),
        WeightedL1(EMBEDDINGS.vectors.shape[1]),
        WeightedL1(EMBEDDINGS.vectors.shape[1], bias=False),
    ],
    ids=repr,
)
def test_the_similarity_comes_back(directory: RunDirectory, similarity: Similarity) -> None:
    directory.write_embeddings(EMBEDDINGS, IDS, ["anna", "bert"], similarity)
    saved = read_embeddings(directory.path)
    x = EMBEDDINGS.vectors
    assert saved.normalized == similarity.normalized
    assert torch.equal(saved.similarity()(x, x), similarity(x, x))


def test_weights_of_a_learned_similarity_are_saved(directory: RunDirectory) -> None:
    class Learned(NegativeL1):
        name = "learned"  # type: ignore[assignment]

        def __init__(self) -> None:
            super().__init__(normalized=False)
            self.weights = torch.nn.Parameter(torch.arange(3.0))

    directory.write_embeddings(EMBEDDINGS, IDS, ["anna", "bert"], Learned())
    saved = read_embeddings(directory.path)
    assert saved.similarity_name == "learned"
    assert torch.equal(saved.similarity_weights["weights"], torch.arange(3.0))
    with pytest.raises(DataError, match="checkpoint"):
        saved.similarity()


def test_embeddings_need_an_id_for_each_row(directory: RunDirectory) -> None:
    with pytest.raises(ValueError, match="4 embeddings but 2 image ids"):
        directory.write_embeddings(EMBEDDINGS, IDS[:2], ["anna", "bert"], CosineSimilarity())


def test_a_finished_run_is_not_written_over(directory: RunDirectory, everything: Result) -> None:
    directory.finish(everything, RECORD)
    with pytest.raises(OutputError, match="already holds a finished run"):
        RunDirectory(directory.path)
    assert read_metrics(directory.path)


def test_what_a_killed_run_left_does_not_mix_with_the_next(with_figures: RunDirectory, everything: Result) -> None:
    with_figures.write_results(everything)
    with_figures.checkpoints.mkdir()
    (with_figures.checkpoints / "best.ckpt").write_bytes(b"old")
    again = RunDirectory(with_figures.path)
    assert again.results in again.written(), "a command may still be refused"
    again.begin("epochs: 1")
    assert again.written() == [again.config]


def test_nothing_hidden_stays_of_a_run_that_was_killed_while_it_wrote(
    with_figures: RunDirectory, everything: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    def killed(write: Callable[[], None]) -> None:
        with pytest.raises(KeyboardInterrupt):
            write()

    with monkeypatch.context() as patched:
        patched.setattr(atomic.os, "replace", die)
        patched.setattr(Path, "unlink", lambda *_, **__: None)
        killed(lambda: with_figures.finish(everything, RECORD))
        killed(lambda: with_figures.write_config("epochs: 2"))
        killed(lambda: with_figures.write_embeddings(EMBEDDINGS, IDS, ["a", "b"], CosineSimilarity()))
        killed(lambda: atomic.write_csv(with_figures.breakdown("age"), ["a"], []))
    for name in (".tmpAb3dEf", ".my-settings.yaml", ".running"):
        (with_figures.path / name).touch()
    assert len([path for path in with_figures.path.iterdir() if path.name.startswith(".")]) == 7
    RunDirectory(with_figures.path).begin("epochs: 1")
    left = {path.name for path in with_figures.path.iterdir()}
    assert left == {"config.yaml", "figures", ".my-settings.yaml", ".running"}


@pytest.mark.parametrize("setting", ["epochs: 3", "seed: 1", ": :\n -", None])
def test_an_evaluation_removes_nothing_that_no_evaluation_has_left(
    with_figures: RunDirectory, everything: Result, setting: str | None
) -> None:
    with_figures.write_results(everything)
    if setting is not None:
        with_figures.write_config(setting)
    before = with_figures.written()
    with pytest.raises(OutputError, match=r"holds (an unfinished training|files of another origin)") as refusal:
        RunDirectory(with_figures.path, "evaluate")
    assert ("unfinished training" in str(refusal.value)) == (setting == "epochs: 3")
    assert with_figures.written() == before


def test_an_evaluation_begins_anew_where_another_was_killed_and_a_training_does_not(
    with_figures: RunDirectory, everything: Result
) -> None:
    with_figures.write_results(everything)
    with_figures.write_config("checkpoint: null\nembeddings: v.npz")
    with_figures.checkpoints.mkdir()
    of_a_training = (with_figures.checkpoints / "best.ckpt", with_figures.history)
    for file in of_a_training:
        file.write_bytes(b"somebody's")
    with pytest.raises(OutputError, match=r"holds an unfinished evaluation, which train.py would have to remove"):
        RunDirectory(with_figures.path)
    again = RunDirectory(with_figures.path, "evaluate")
    again.begin("checkpoint: null\nembeddings: v.npz")
    assert set(again.written()) == {again.config, *of_a_training}


def test_a_file_in_the_way_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(OutputError, match=r"is a file, .*; choose another output_dir\.$"):
            RunDirectory(path)


@pytest.mark.parametrize("what", ["pathlib.Path.mkdir", "tempfile.TemporaryFile"])
def test_a_folder_without_permission_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(what, denied)  # who is root may write anywhere
    with pytest.raises(OutputError, match=r"can't be written to \(Permission denied\); choose a folder"):
        RunDirectory(tmp_path / "run")


def test_a_place_that_takes_no_files_is_told_in_one_sentence() -> None:
    with pytest.raises(OutputError, match="can't be written to"):
        RunDirectory("/proc/run")


def test_a_writer_that_dies_leaves_the_old_file_and_no_other(
    directory: RunDirectory, everything: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory.write_config("old")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic.os, "replace", die)  # the process ends after the data are written, before the rename
    for write in (lambda: directory.finish(everything, RECORD), lambda: directory.write_config("new")):
        with pytest.raises(KeyboardInterrupt):
            write()
    assert [path.name for path in directory.path.iterdir()] == ["config.yaml"]
    assert directory.config.read_text() == "old"
    assert not directory.finished


def test_a_full_disk_is_told_in_one_sentence(directory: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "replace", fail)
    with pytest.raises(OutputError, match="No space left on device"):
        directory.write_config("x")


@pytest.mark.parametrize("write", ["embeddings", "replicates"])
def test_a_disk_that_is_full_of_tensors_is_told_in_one_sentence(
    directory: RunDirectory, everything: Result, write: str
) -> None:
    many = Embeddings(torch.zeros(9999, 3), torch.zeros(9999, dtype=torch.int64))
    replicates = Result(everything.scalars, replicates={"test/verification/auc": torch.zeros(9999)})
    writes = {
        "embeddings": lambda: directory.write_embeddings(many, ["a"] * 9999, ["a"], CosineSimilarity()),
        "replicates": lambda: directory.write_results(replicates),
    }
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(OutputError, match=rf"{write}\.safetensors' can't be written \(.*File too large.*\); free"):
            writes[write]()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(directory.path.glob(f"*{write}*"))


def test_files_can_be_read_by_whom_the_user_lets(directory: RunDirectory) -> None:
    directory.write_config("x")
    plain = directory.path / "plain"
    plain.write_text("x")
    assert directory.config.stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("read", [read_metrics, read_results, read_embeddings])
def test_reading_what_is_not_there_says_so(tmp_path: Path, read) -> None:
    with pytest.raises(DataError, match="holds no"):
        read(tmp_path)


@pytest.mark.parametrize("content", ["{", "[1]", '{"auc": {"value": 1}}', '{"auc": 3}'])
def test_damaged_metrics_are_told_in_one_sentence(directory: RunDirectory, content: str) -> None:
    directory.metrics.write_text(content)
    with pytest.raises(DataError, match="damaged"):
        read_metrics(directory.path)


def test_files_that_disagree_are_not_read(directory: RunDirectory) -> None:
    directory.write_embeddings(EMBEDDINGS, IDS, ["anna", "bert"], CosineSimilarity())
    lines = directory.images.read_text().splitlines(keepends=True)
    directory.images.write_text("".join(lines[:-1]))
    with pytest.raises(DataError, match="4 embeddings but 3 rows"):
        read_embeddings(directory.path)
    directory.embeddings.write_bytes(b"nonsense")
    with pytest.raises(DataError, match="damaged"):
        read_embeddings(directory.path)


def test_the_snippets_of_the_documentation_run(
    tmp_path: Path, everything: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Path(__file__).parents[2] / "docs" / "tracking.md"
    snippets = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert len(snippets) == 2
    monkeypatch.chdir(tmp_path)
    run = RunDirectory("runs/mine")
    run.write_results(everything)
    run.finish(everything, RECORD)
    run.write_embeddings(EMBEDDINGS, IDS, ["anna", "bert"], CosineSimilarity())
    for snippet in snippets:
        exec(snippet, {})
