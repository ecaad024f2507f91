import csv

from resemblance.protocols.groups import NO_VALUE as NO_VALUE_OF_GROUPS
from resemblance.results import Result, Table
from resemblance.tracking.breakdown import NO_VALUE, breakdown_lines, left_out, write_breakdowns
from resemblance.tracking.run_directory import RunDirectory


def broken_down(groups: int, name: str = "country with a name that has no end") -> Table:
    """Groups that grow downwards; TAR 0.75 (0.65–0.85) at the common threshold of FAR 1 %."""
    columns = ("group", "images", "subjects", "genuine", "impostor", "auc", "auc_low", "auc_high", "eer")
    columns += ("tar_at_far_1e_2", "tar_at_far_1e_2_low", "tar_at_far_1e_2_high", "fmr_at_far_1e_2")
    figures = (0.98, 0.97, 0.99, 0.05, 0.75, 0.65, 0.85, 0.01)
    rows = [(f"{name} {k}", 300, 97, 3000, 100_000 + k, *figures) for k in range(groups)]
    return Table(columns, tuple(rows))


def test_every_column_has_a_file_with_all_groups(directory: RunDirectory) -> None:
    table = broken_down(20)
    write_breakdowns(directory, Result(tables={"breakdown/born in": table, "breakdown/refused": Table((), ())}))
    (path,) = directory.breakdowns
    assert path.name == "breakdown_born_in.csv"
    assert path in directory.written()
    with path.open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == list(table.columns)
    assert len(rows) == 21
    assert rows[1][:4] == [table.rows[0][0], "300", "97", "3000"]


def test_an_unfinished_run_leaves_none_to_the_next(directory: RunDirectory) -> None:
    write_breakdowns(directory, Result(tables={"breakdown/yaw": broken_down(1)}))
    another = RunDirectory(directory.path)
    another.begin("epochs: 1")
    assert not another.breakdowns


def test_the_largest_groups_are_printed() -> None:
    (lines,) = breakdown_lines(Result(tables={"breakdown/yaw": broken_down(14, "g")}), 80).values()
    assert [line.split()[:2] for line in lines[1:-1]] == [["g", str(k)] for k in range(2, 14)]
    assert lines[-1].split() == ["…", "and", "2", "more,", "breakdown_yaw.csv", "has", "all"]


def test_without_rates_and_intervals_the_eer_is_told() -> None:
    whole = broken_down(2, "g")
    kept = [whole.columns.index(name) for name in ("group", "subjects", "genuine", "impostor", "auc", "eer")]
    plain = Table(
        tuple(whole.columns[column] for column in kept),
        tuple(tuple(row[column] for column in kept) for row in whole.rows),
    )
    ((title, lines),) = breakdown_lines(Result(tables={"breakdown/yaw": plain}), 80).items()
    assert title == "breakdown by yaw"
    assert lines[0].split()[:5] == ["subjects", "genuine", "impostor", "AUC", "EER"]
    assert lines[1].split() == ["g", "0", "97", "3,000", "100,000", "0.9800", "0.0500"]


def test_groups_without_figures_are_named_with_their_images() -> None:
    reason = "its 5 images of 1 identities make 10 genuine and 0 impostor comparisons; figures need 30 of each."
    refused = Table(("figure", "reason"), (("year: no value", reason), ("year of birth: 1", reason), ("id", "many")))
    assert left_out(Result(tables={"breakdown/refused": refused}), "year") == ["no value (5 images of 1 identities)"]
    assert left_out(Result(), "year") == []
    assert NO_VALUE == NO_VALUE_OF_GROUPS
