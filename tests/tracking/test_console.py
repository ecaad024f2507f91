import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from resemblance.results import Result, Scalar, Table
from resemblance.tracking.console import summary
from resemblance.tracking.names import has_a_better, improves_downwards, short_name
from resemblance.tracking.run_directory import RunDirectory
from tests.helpers import RECORD
from tests.tracking.test_breakdown import broken_down


def printed(width: int, untrained: Result, trained: Result, directory: RunDirectory, **kwargs: object) -> str:
    out = io.StringIO()
    summary(Console(file=out, width=width, **kwargs), untrained, trained, directory)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_every_figure_stands_whole_beside_its_label(
    width: int, untrained: Result, trained: Result, directory: RunDirectory
) -> None:
    text = printed(width, untrained, trained, directory)
    lines = text.splitlines()
    for key, scalar in trained.scalars.items():
        before = untrained.scalars[key]
        end = scalar.label.removesuffix(" (pairsDevTest)").split()[-1]
        assert any(end in line and f"{before.value:.4f}" in line and f"{scalar.value:.4f}" in line for line in lines), (
            key
        )
    assert max(len(line) for line in lines if str(directory.path) not in line) <= width
    assert "…" not in text
    assert "\x1b" not in text


def test_counts_intervals_errors_and_verdicts_are_told(
    untrained: Result, trained: Result, directory: RunDirectory
) -> None:
    text = printed(100, untrained, trained, directory)
    assert "verification: 100 subjects, 6,600 genuine, 712,800 impostor" in text
    assert "identification: 100 subjects, 100 gallery, 1,100 probes" in text
    assert "pairs (pairsDevTest): 90 subjects, 500 genuine, 500 impostor" in text
    (auc,) = [line for line in text.splitlines() if line.startswith("  AUC")]
    assert auc.split() == ["AUC", "0.6000", "0.9500", "0.8500–0.9600", "better"]
    (tar,) = [line for line in text.splitlines() if "TAR@FAR=1e-2" in line]
    assert tar.split()[-1] == "7,128"
    assert "intervals: dyadic" in text


def test_a_lower_error_rate_is_better_and_a_lower_auc_worse(
    untrained: Result, trained: Result, directory: RunDirectory
) -> None:
    def verdict(text: str, label: str) -> str:
        (line,) = [line for line in text.splitlines() if line.startswith(f"  {label} ")]
        return line.split()[-1]

    forth, back = (printed(100, *pair, directory) for pair in ((untrained, trained), (trained, untrained)))
    assert (verdict(forth, "EER"), verdict(back, "EER")) == ("better", "worse")
    assert (verdict(forth, "AUC"), verdict(back, "AUC")) == ("better", "worse")
    assert verdict(printed(100, trained, trained, directory), "EER") == "same"


def test_a_figure_within_the_interval_is_neither_better_nor_worse(
    untrained: Result, trained: Result, directory: RunDirectory
) -> None:
    auc = trained.scalars["verification/auc"]
    before = replace(untrained, scalars={**untrained.scalars, "verification/auc": replace(auc, value=auc.low)})
    (line,) = [line for line in printed(100, before, trained, directory).splitlines() if line.startswith("  AUC ")]
    assert line.split() == ["AUC", "0.8500", "0.9500", "0.8500–0.9600"]


def test_notes_are_footnotes_and_refusals_give_their_reason(
    untrained: Result, trained: Result, directory: RunDirectory
) -> None:
    text = printed(80, untrained, trained, directory)
    assert "TAR@FAR=1e-3 [1]" in text
    assert "\n[1] thinly supported: 7 impostor errors\n" in text
    assert "TAR@FAR=1e-7 is not reported: 712,800 impostor comparisons" in " ".join(text.split())


@pytest.mark.parametrize(("refused", "told"), [(5, 5), (6, 3), (400, 3)])
def test_many_refusals_are_counted_and_the_first_are_told(refused: int, told: int, directory: RunDirectory) -> None:
    rows = tuple((f"id: u{number}", "its 1 images of 1 identities make nothing.") for number in range(refused))
    text = printed(80, Result(), Result(tables={"breakdown/refused": Table(("figure", "reason"), rows)}), directory)
    assert text.count("is not reported") == told
    left = "" if refused == told else f"{refused - told:,} more are not reported; results.json names each"
    assert left in " ".join(text.split())
    assert ("more are not reported" in text) == bool(left)


def test_paths_are_listed_whole_however_narrow(untrained: Result, trained: Result, tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path / ("long" * 30))
    directory.write_config("x")
    directory.finish(trained, RECORD)
    listed = printed(80, untrained, trained, directory).partition("wrote:\n")[2].splitlines()
    written = (directory.metrics, directory.results, directory.config, directory.record)
    assert listed == [f"  {path}" for path in written]


def test_paths_below_the_working_directory_are_relative(
    untrained: Result, trained: Result, directory: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory.finish(trained, RECORD)
    monkeypatch.chdir(directory.path.parent)
    assert printed(80, untrained, trained, directory).endswith(
        "wrote:\n  run/metrics.json\n  run/results.json\n  run/run.json\n"
    )


def test_without_an_untrained_network_there_is_one_column_of_figures(trained: Result, directory: RunDirectory) -> None:
    text = printed(80, Result(), trained, directory)
    (auc,) = [line for line in text.splitlines() if line.startswith("  AUC")]
    assert auc.split() == ["AUC", "0.9500", "0.8500–0.9600"]
    assert "better" not in text
    assert "trained" not in text


def test_a_figure_that_the_untrained_network_lacks_has_a_dash(trained: Result, directory: RunDirectory) -> None:
    some = Result({key: value for key, value in trained.scalars.items() if not key.endswith("auc")})
    (auc,) = [line for line in printed(80, some, trained, directory).splitlines() if line.startswith("  AUC")]
    assert auc.split()[1:3] == ["-", "0.9500"]


def test_a_cosine_beside_another_similarity_says_so_once(directory: RunDirectory) -> None:
    refusal = Table(("figure", "reason"), (("accuracy (list)", "No threshold."),))
    found = Result(
        {
            "pairs/auc": Scalar(0.9, "AUC (list)", {"genuine": 5}),
            "pairs_cosine/auc": Scalar(0.8, "AUC (list) (cosine)", {"genuine": 5}),
        },
        tables={"pairs/refused": refusal, "pairs_cosine/refused": refusal, "calibration_cosine/refused": refusal},
    )
    lines = printed(80, Result(), found, directory).splitlines()
    assert "pairs (list): 5 genuine" in lines
    assert "pairs (list) (cosine): 5 genuine" in lines
    assert [line.split() for line in lines if line.startswith("  AUC")] == [["AUC", "0.9000"], ["AUC", "0.8000"]]
    assert sum("No threshold" in line for line in lines) == 2, "once for the list, once for the calibration"


@pytest.mark.parametrize(("share", "shown"), [(0.0, False), (0.25, True)])
def test_failures_to_acquire_have_a_line_where_there_are_any(
    trained: Result, directory: RunDirectory, share: float, shown: bool
) -> None:
    fta = Scalar(share, "failure to acquire (FTA)", {"images": 4}, 0.0, 0.7, "Wilson over images")
    text = printed(80, Result(), trained | Result({"acquisition/fta": fta}), directory)
    assert ("failure to acquire" in text) is shown
    assert ("Wilson over images" in text) is shown


def test_brackets_in_labels_are_not_taken_for_markup(directory: RunDirectory) -> None:
    odd = Result({"x/y": Scalar(0.5, "[red]y[/]")})
    assert "[red]y[/]" in printed(80, odd, odd, directory)


def test_a_terminal_gets_colours(untrained: Result, trained: Result, directory: RunDirectory) -> None:
    assert "\x1b[32mbetter" in printed(80, untrained, trained, directory, force_terminal=True, color_system="standard")


@pytest.mark.parametrize(
    ("key", "downwards"),
    [
        ("val/verification/eer", True),
        ("test/pairs/fnmr_at_fmr_1e_3", True),
        ("train/loss", True),
        ("test/verification/tar_at_far_1e_3", False),
        ("test/open_set/tpir_at_fpir_1e_2", False),
        ("verification/auc", False),
    ],
)
def test_direction_of_a_figure(key: str, downwards: bool) -> None:
    assert improves_downwards(key) == downwards


def test_a_threshold_is_neither_good_nor_bad() -> None:
    assert not has_a_better("pairs/threshold")
    assert not has_a_better("train/genuine_similarity")
    assert has_a_better("pairs/accuracy")


def test_short_names() -> None:
    assert short_name("val/verification/auc") == "val AUC"
    assert short_name("val/identification/rank_1") == "val rank 1"
    assert short_name("verification/eer") == "EER"


def test_errors_are_explained_and_stand_in_no_header(directory: RunDirectory) -> None:
    counts = {"probes": 300, "false_positives": 3, "misses": 23}
    text = printed(
        100, Result(), Result({"open_set/tpir_at_fpir_1e_2": Scalar(0.9, "TPIR@FPIR=1e-2", counts)}), directory
    )
    assert "open set: 300 probes\n" in text
    (row,) = [line for line in text.splitlines() if "TPIR@FPIR" in line]
    assert row.split()[-1] == "3"
    assert "\nerrors: false accepts of EER, TAR, FAR and TPIR" in text
    assert "\nerrors:" not in printed(100, Result(), Result({"x/y": Scalar(0.9, "y")}), directory)


def test_groups_of_a_breakdown_are_told_in_a_table_that_fits(directory: RunDirectory) -> None:
    found = Result(tables={"breakdown/country": broken_down(20)})
    text = printed(80, Result(), found, directory)
    lines = text.splitlines()
    start = lines.index("breakdown by country; FNMR at the threshold of the whole set's FAR 1 %")
    assert lines[start + 1].split() == ["subjects", "genuine", "impostor", "AUC", "FNMR", "95", "%", "interval"]
    rows = [line for line in lines if line.startswith("  country")]
    assert len(rows) == 12
    assert rows[0].split()[-6:] == ["97", "3,000", "100,008", "0.9800", "0.2500", "0.1500–0.3500"]
    assert "  … and 8 more, breakdown_country.csv has all" in lines
    assert max(map(len, lines)) <= 80


def test_a_calibration_is_told_in_a_sentence(untrained: Result, trained: Result, directory: RunDirectory) -> None:
    columns = ("target_far", "threshold", "test_far", "test_tar", "impostor_errors")
    table = Table(columns, ((0.01, 0.5, 0.02, 0.9, 14_000),))
    tables = {**trained.tables, "verification/calibration": table}
    text = printed(100, untrained, replace(trained, tables=tables), directory)
    assert "for FAR 1 % gives 2 % on the test identities: 2.0 × the target." in " ".join(text.split())
