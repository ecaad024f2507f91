"""Everything that is written is read again, and says what was found."""

import csv
import io
import re
from dataclasses import replace
from functools import partial

import pytest
from rich.console import Console

from resemblance.comparison import digits, telling
from resemblance.comparison.console import print_study
from resemblance.comparison.csv_files import write_differences, write_leaderboard
from resemblance.comparison.findings import Bounds, Verdict
from resemblance.comparison.latex import latex
from resemblance.comparison.markdown import markdown
from resemblance.comparison.study import Ranks, Study, TestSet
from resemblance.comparison.studying import study_of
from tests.comparison.told import difference as of_a_pair
from tests.comparison.told import findings as of_a_figure
from tests.comparison.typeset import is_sound, tabulars
from tests.comparison.written import write_run


@pytest.fixture(scope="module")
def study(made_up_study):
    return study_of(made_up_study, command="python compare.py 'runs=a_b/50%'")


@pytest.fixture(scope="module")
def one_seed(tmp_path_factory):
    """Nothing is known of it but two figures, and its names are hard to print."""
    folder = tmp_path_factory.mktemp("one_seed")
    settings = {"loss.note": "50%_|*&"}
    write_run(folder / "a", "cosface", 0)
    write_run(folder / "b", "cosface", 0, settings=settings)
    write_run(folder / "c", "softmax", 0, settings=settings)
    (folder / "d_e*").mkdir()
    (folder / "d_e*" / "config.yaml").write_text("seed: 1\n")
    return study_of(folder)


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(text):
    return None if text == "" else float(text)


def test_leaderboard_csv(study, tmp_path):
    write_leaderboard(tmp_path / "x.csv", study)
    found = iter(rows(tmp_path / "x.csv"))
    for test_set in study.test_sets:
        for findings in test_set.findings:
            for place, standing in enumerate(findings.standings, start=1):
                row = next(found)
                assert row["test_set"] == test_set.name
                assert (row["figure"], row["label"]) == (findings.key, findings.label)
                assert (int(row["place"]), row["contestant"]) == (place, standing.contestant)
                assert float(row["mean"]) == standing.mean
                assert tuple(map(float, row["values"].split())) == standing.values
                assert tuple(map(int, row["seeds"].split())) == findings.seeds
                ends = Bounds(number(row["over_seeds_low"]), number(row["over_seeds_high"]))
                assert ends == (standing.over_seeds or Bounds(None, None))
                ends = Bounds(number(row["over_subjects_low"]), number(row["over_subjects_high"]))
                assert ends == (standing.over_subjects or Bounds(None, None))
                assert float(row["train/seconds"]) == 80.5
    assert next(found, None) is None


def test_differences_csv(study, tmp_path):
    write_differences(tmp_path / "x.csv", study)
    found = iter(rows(tmp_path / "x.csv"))
    for test_set in study.test_sets:
        for findings in test_set.findings:
            for one in findings.differences:
                row = next(found)
                assert (row["first"], row["second"], row["verdict"]) == (one.first, one.second, one.verdict.value)
                assert [number(row[name]) for name in ("difference", "low", "high", "p", "delta", "more_seeds")] == [
                    one.estimate,
                    one.low,
                    one.high,
                    one.p,
                    findings.delta,
                    one.more_seeds,
                ]
    assert next(found, None) is None


def test_what_is_not_known_is_an_empty_cell(one_seed, tmp_path):
    write_leaderboard(tmp_path / "a.csv", one_seed)
    write_differences(tmp_path / "b.csv", one_seed)
    for row in rows(tmp_path / "a.csv"):
        assert row["over_seeds_low"] == row["over_subjects_high"] == row["train/peak_memory_mb"] == ""
    for row in rows(tmp_path / "b.csv"):
        assert row["p"] == row["low"] == row["more_seeds"] == ""
    for name in ("a.csv", "b.csv"):
        assert "nan" not in (tmp_path / name).read_text().lower()
        assert "None" not in (tmp_path / name).read_text()


def markdown_tables(text):
    """Rows of cells of each table; every row of a table has as many cells."""
    tables, table = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif table:
            assert len({len(row) for row in table}) == 1
            tables.append(table)
            table = []
    return tables


def test_markdown(study):
    text = markdown(study)
    tables = markdown_tables(text)
    per_figure = [findings for of in study.test_sets for findings in of.findings]
    assert len(tables) == 2 * len(per_figure) + 1
    for number_of, findings in enumerate(per_figure):
        board, pairs = tables[2 * number_of], tables[2 * number_of + 1]
        assert [row[1] for row in board[2:]] == [digits.figure(one.mean) for one in findings.standings]
        assert [row[4] for row in pairs[2:]] == [telling.verdict(findings, one) for one in findings.differences]
    for sentence in telling.conclusions(study.test_sets[0].findings[0]):
        assert sentence.partition(" is")[0].replace("_", r"\_") in text
    assert "python compare.py 'runs=a_b/50%'" in text


def test_markdown_escapes_what_would_be_an_entity_a_formula_or_struck_through(study):
    assert markdown(replace(study, title="a&lt;b $x$ ~~c~~")).startswith(r"# a\&lt;b \$x\$ \~\~c\~\~" + "\n")


def test_words_stand_on_the_left_of_markdown_tables_and_numbers_on_the_right(study):
    spent = {"trials": 8, "epochs": 3, "metric": "val/verification/auc", "seconds": 45.678, "best": {}}
    lines = markdown(replace(study, tuning={"cosface": spent})).splitlines()
    aligned = {
        line: lines[place + 1] for place, line in enumerate(lines) if line.startswith(("| pair", "| contestant"))
    }
    for head, sides in aligned.items():
        names = [cell.strip() for cell in head.split("|")[1:-1]]
        words = {"contestant", "pair", "verdict", "note", "budget", "judged by", "best"}
        assert sides.split("|")[1:-1] == ["---" if name in words else "---:" for name in names]
    assert len(aligned) >= 4


def test_markdown_of_names_that_are_hard_to_print(one_seed):
    text = markdown(one_seed)
    assert r"50%\_\|\*\&" in text
    assert r"d\_e\*" in text
    assert len(markdown_tables(text)) == 2 * len(one_seed.test_sets[0].findings) + 1
    assert "nan" not in text.lower()
    assert "None" not in text


def test_latex(study):
    text = latex(study)
    is_sound(text)
    tables = tabulars(text)
    per_figure = [findings for of in study.test_sets for findings in of.findings]
    assert len(tables) == 2 * len(per_figure) + 1
    for number_of, findings in enumerate(per_figure):
        board, pairs = tables[2 * number_of], tables[2 * number_of + 1]
        assert [row[1] for row in board[1:]] == [f"{one.mean:.4f}" for one in findings.standings]
        assert [row[4] for row in pairs[1:]] == [telling.verdict(findings, one) for one in findings.differences]
    labels = re.findall(r"\\label\{([^}]*)\}", text)
    assert len(set(labels)) == len(labels)


def test_latex_of_names_that_are_hard_to_print(one_seed):
    text = latex(one_seed)
    is_sound(text)
    assert r"50\%\_\textbar{}*\&" in text
    assert "--" in text
    assert "nan" not in text.lower()


def test_labels_of_names_that_differ_in_signs_alone_are_numbered(study):
    (test_set,) = study.test_sets
    twice = replace(study, test_sets=(test_set, replace(test_set, name="rendered-faces")))
    labels = re.findall(r"\\label\{([^}]*)\}", latex(twice))
    assert len(set(labels)) == len(labels)
    assert "tab:rendered-faces-cost-no2" in labels


difference = partial(of_a_pair, "a", "b")
findings = partial(of_a_figure, delta=0.02, label="X")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            findings(difference(0.031, 0.012, 0.05, Verdict.BETTER)),
            "X: a is better than b by 0.0310 [0.0120, 0.0500].",
        ),
        (
            findings(difference(-0.031, -0.05, -0.012, Verdict.BETTER), better=False),
            "X: a is better (lower) than b by 0.0310 [0.0120, 0.0500].",
        ),
        (
            findings(difference(0.001, -0.003, 0.005, Verdict.EQUIVALENT)),
            "X: a and b are equivalent within ±0.02: the difference is +0.0010 [−0.0030, +0.0050].",
        ),
        (
            findings(difference(0.01, -0.03, 0.05, Verdict.UNDECIDED, 3)),
            "X: a against b is undecided, which is not the same as equal: 3 more seeds would decide it if what was "
            "seen is the truth.",
        ),
        (
            findings(difference(0.01, -0.03, 0.05, Verdict.UNDECIDED)),
            "X: a against b is undecided, which is not the same as equal.",
        ),
    ],
)
def test_conclusions_are_sentences(found, told):
    led, claimed = telling.conclusions(found)
    assert claimed == told
    assert led.startswith("a has the ")


def test_many_undecided_pairs_are_counted():
    undecided = [difference(0.01, -0.03, 0.05, Verdict.UNDECIDED, more) for more in (3, 12, None)]
    _, told = telling.conclusions(findings(*undecided))
    assert told == (
        "X: 3 of 3 pairs are undecided, which is not the same as equal: 3 to 12 more seeds would decide 2 of them if "
        "what was seen is the truth."
    )


def test_an_empty_study_is_written_too():
    empty = Study("nothing", (TestSet("x", (), ()),))
    assert "nothing" in markdown(empty)
    is_sound(latex(empty))


def test_latex_has_warnings_refused_runs_tuning_and_ranks(study):
    """Below the tables, and as many of them as there are to tell."""
    test_set = study.test_sets[0]
    ranks = Ranks("test/verification/auc", "AUC", tuple("vwxyz"), {"a": 1.2, "b": 1.8}, 0.9, 0.0001, (("a", "b"),))
    spent = {
        "trials": 8,
        "epochs": 3,
        "metric": "val/verification/auc",
        "seconds": 45.678,
        "best": {"loss.margin": 0.3},
    }
    changed = replace(
        study, test_sets=(replace(test_set, warnings=("data differs: a_b (x).",)),), ranks=(ranks,),
        refused={"runs/x": "'runs/x' is half written."}, notes=("100 % of it.",),
        tuning={"cosface": {**spent, "best": {"loss.margin": 0.3}}},
    )  # fmt: skip
    text = latex(changed)
    is_sound(text)
    assert len(tabulars(text)) == len(tabulars(latex(study))) + 2
    assert text.count("data differs: a\\_b (x).") == 1
    first = re.findall(r"\\label\{([^}]*leaderboard)\}", text)[0]
    of_figures = 2 * len(test_set.findings)
    assert text.count(rf"\ref{{{first}}}") == of_figures - 1
    for told in (
        "% not compared: 'runs/x' is half written.", "1 run directory could not be compared.", r"100 \% of it.",
        r"sign test p \textless{} 0.001", "8 trials of 3 epochs",
    ):  # fmt: skip
        assert told in text
    assert text.count(r"\begin{minipage}") == text.count(r"\end{minipage}") >= of_figures


def test_an_operating_point_is_a_range_where_runs_differ(study):
    test_set = study.test_sets[0]
    findings = test_set.findings[0]
    first, *others = test_set.contestants
    scalar = first.runs[0].scalars[findings.key]
    changed = replace(scalar, counts={**scalar.counts, "genuine": 6580, "genuine_errors": 3})
    run = replace(first.runs[0], scalars={**first.runs[0].scalars, findings.key: changed})
    contestants = (replace(first, runs=(run, *first.runs[1:])), *others)
    told = telling.operating_point(findings, replace(test_set, contestants=contestants))
    assert told == "on rendered_faces, seeds 0–4; 100 subjects, 6,580 to 6,600 genuine"
    fewer = replace(findings, seeds=findings.seeds[1:])
    assert "6,600 genuine" in telling.operating_point(fewer, replace(test_set, contestants=contestants))
    assert "6,580" not in telling.operating_point(fewer, replace(test_set, contestants=contestants))


def console_of(study, width=80):
    file = io.StringIO()
    print_study(Console(file=file, width=width), study)
    return file.getvalue()


def test_of_too_many_pairs_every_text_says_which_are_shown(study):
    test_set = study.test_sets[0]
    many = [difference(0.01, -0.03, 0.05, Verdict.UNDECIDED)] * 45 + [difference(0.02, 0.01, 0.03, Verdict.BETTER)]
    found = replace(study, test_sets=(replace(test_set, findings=(findings(*many),)),))
    told = "Shown are the pairs that were decided; 45 more are in differences.csv, which formats=[csv] writes."
    for text in (console_of(found, 200), markdown(found), latex(found)):
        plain = text.replace("\\", "").replace("$-$", "−")
        assert told in plain
        assert "[+0.0100, +0.0300]" in plain
        assert plain.count("[−0.0300, +0.0500]") == 0


def test_a_path_that_is_longer_than_the_console_is_in_one_piece(study):
    path = f"/{'long/' * 30}run"
    assert path in console_of(replace(study, refused={path: f"'{path}' is half written."}))
