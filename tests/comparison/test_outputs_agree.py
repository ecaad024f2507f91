"""Console, CSV, Markdown, LaTeX, page and W&B's tables are read back and say the same: numbers, verdicts, claims."""

import csv
import html
import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from resemblance.comparison import telling
from resemblance.comparison.command import write_study as write_files
from resemblance.comparison.console import print_study
from resemblance.comparison.csv_files import differences_table, leaderboard_table
from resemblance.comparison.findings import Verdict
from resemblance.comparison.latex import latex
from resemblance.comparison.markdown import markdown
from resemblance.comparison.page.write import page as page_of
from resemblance.comparison.studying import study_of
from tests.comparison.told import difference
from tests.comparison.written import write_study

WIDE = 240
"""Columns, so that no cell is wrapped and rows can be read."""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Every verdict, a lead within ±δ, further seeds, notes, warnings, refused runs and a tuning."""
    folder = tmp_path_factory.mktemp("agree") / "losses"
    means = {"cosface": 0.97, "softmax": 0.969, "triplet": 0.93, "batch_hard": 0.8}
    found = study_of(write_study(folder, means, seeds=3, spread=0.004), command="python compare.py runs=losses")
    (test_set,) = found.test_sets
    first, *rest = test_set.findings
    names = [one.contestant for one in first.standings]
    pairs = (
        replace(first.differences[0], estimate=0.001, low=0.00002, high=0.003, verdict=Verdict.BETTER, more_seeds=None,
                note="Better, but by less than counts: the interval lies within ±δ."),
        difference(names[0], names[2], 0.0005, -0.004, 0.0045, Verdict.EQUIVALENT),
        difference(names[0], names[3], 0.01, -0.03, 0.05, more=7),
        difference(names[1], names[2], 0.01, -0.03, 0.05, note="No number of seeds would decide this: more subjects."),
        *first.differences[4:],
    )  # fmt: skip
    first = replace(first, differences=pairs, notes=("One thing more.",))
    warned = replace(test_set, findings=(first, *rest), warnings=("data differs: a (x); b (y).",))
    spent = {"trials": 8, "epochs": 3, "metric": "val/verification/auc", "seconds": 45.678, "values": [0.9]}
    return replace(
        found,
        test_sets=(warned,),
        refused={"runs/x": "'runs/x' is half written."},
        tuning={"cosface": {**spent, "best": {"loss.margin": 0.30000000000000004, "loss.easy": True}}},
    )


@pytest.fixture(scope="module")
def page(study):
    return page_of(study)


def numbers(text):
    """All in a text, with the signs in which they are written."""
    plain = text.replace("\N{MINUS SIGN}", "-").replace("$-$", "-").replace("--", " to ").replace("–", " to ")
    return [float(found) for found in re.findall(r"(?<![\w.])[-+]?\d+\.\d+(?![\w.])", plain)]


def bare(markup):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", markup))).strip()


def of_console(study):
    file = io.StringIO()
    print_study(Console(file=file, width=WIDE, color_system=None), study)
    text = file.getvalue()
    pairs = [line for line in text.splitlines() if re.search(r" − .*(better|equivalent|undecided)", line)]
    return text, [(numbers(line), re.search("better|equivalent|undecided", line)[0]) for line in pairs]


def of_markdown(study):
    text = markdown(study)
    cells = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if re.match(r"\| .* − ", line)]
    return text, [(numbers(" ".join(row[2:5])), row[5].split()[0]) for row in cells]


def of_latex(study):
    text = latex(study)
    rows = [line.split("&") for line in text.splitlines() if re.match(r" *\S.*\$-\$ .*\\\\$", line)]
    return text, [(numbers(" ".join(row[1:4])), re.search("better|equivalent|undecided", row[4])[0]) for row in rows]


def of_page(text):
    tables = re.findall(r'<table class="differences.*?</table>', text, re.DOTALL)
    rows = [re.findall("<td.*?</td>", row, re.DOTALL) for table in tables for row in table.split("<tr>")[2:]]
    told = []
    for row in rows:
        estimate, simultaneous, _, _, p, verdict = map(bare, row[:6])
        word = re.search("better|equivalent|undecided", verdict)[0]
        told.append((numbers(f"{estimate} {simultaneous} {p}"), word))
    return bare(re.sub("<(script|style)>.*?</\\1>", "", text, flags=re.DOTALL)), told


def of_csv(study, tmp_path):
    write_files(study, tmp_path, ["csv"])
    with (tmp_path / "differences.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        ([float(row[key]) for key in ("difference", "low", "high", "p") if row[key] != ""], row["verdict"])
        for row in rows
    ]


def test_differences_and_verdicts_are_the_same_everywhere(study, page, tmp_path):
    exact = of_csv(study, tmp_path)
    assert len(exact) == 6 * len(study.test_sets[0].findings)
    assert {verdict for _, verdict in exact} == {"better", "equivalent", "undecided"}
    written = [of_console(study)[1], of_markdown(study)[1], of_latex(study)[1], of_page(page)[1]]
    for rows in written:
        assert [verdict for _, verdict in rows] == [verdict for _, verdict in exact]
        assert rows == written[0]  # to the last digit
        for (found, _), (values, _) in zip(rows, exact, strict=True):
            if values[3:] and values[3] < 0.001:  # written as <0.001
                assert found[3:] == [0.001]
                found, values = found[:3], values[:3]
            assert found == pytest.approx(values, abs=6e-5 if len(values) < 4 else 6e-4)
            assert found[:3] == pytest.approx(values[:3], abs=6e-5)
            assert [one > 0 for one in found[:3]] == [value > 0 for value in values[:3]]


def test_the_table_of_wandb_is_the_file(study, tmp_path):
    columns, rows = differences_table(study)
    assert [row[columns.index("verdict")] for row in rows] == [verdict for _, verdict in of_csv(study, tmp_path)]


def test_means_are_the_same_everywhere(study, page):
    columns, rows = leaderboard_table(study)
    exact = [row[columns.index("mean")] for row in rows]
    tables = re.findall(r'<table class="standings.*?</table>', page, re.DOTALL)
    drawn = [bare(re.findall("<td.*?</td>", row)[0]) for table in tables for row in table.split("<tr>")[2:]]
    boards = re.findall(r"\| contestant \| mean .*?\n\|.*?\n(.*?)\n\n", markdown(study), re.DOTALL)
    told = [line.split("|")[2].strip() for board in boards for line in board.splitlines()]
    bodies = re.findall(r"& mean &.*?\\midrule(.*?)\\bottomrule", latex(study), re.DOTALL)
    set_in_latex = [line.split("&")[1].strip() for body in bodies for line in body.splitlines() if "&" in line]
    assert drawn == told == set_in_latex
    assert list(map(float, told)) == pytest.approx(exact, abs=5.1e-5)


def test_every_claim_is_in_every_text(study, page):
    squeezed = re.compile(r"\s+")
    texts = [of_console(study)[0], of_markdown(study)[0].replace("\\", ""), of_page(page)[0]]
    without_spaces = [squeezed.sub("", text) for text in texts]
    claims = [one for findings in study.test_sets[0].findings for one in telling.conclusions(findings)]
    assert len(claims) > 8
    for claim in claims:
        # On the page the figure stands above its claims.
        bare_claim = squeezed.sub("", re.sub(r"^(AUC|TAR@FAR=1e-3|EER|rank-1): ", "", claim))
        for text in without_spaces:
            assert bare_claim in text, claim
    assert any("(within ±0.005, less than counts)" in claim for claim in claims)


def test_what_belongs_to_a_figure_is_in_every_file(study, page):
    plain = (
        latex(study)
        .replace("\\allowbreak{}", "")
        .replace("$\\pm$", "±")
        .replace("$\\delta$", "δ")
        .replace("\\%", "%")
        .replace("\\_", "_")
    )
    plain = plain.replace("$-$", "−").replace("\\textless{}", "<").replace("--", "–")
    texts = [of_console(study)[0], of_markdown(study)[0].replace("\\", ""), plain, of_page(page)[0]]
    once = [re.sub(r"\s+", " ", text) for text in texts]
    findings = study.test_sets[0].findings[0]
    for sentence in (
        findings.procedure, findings.resolution_note, "One thing more.", "data differs: a (x); b (y).",
        "as many would decide", "if what was seen is the truth", "is half written", "No number of seeds would decide",
        "8", "45.7", "loss.margin=0.3", "loss.easy=true",
    ):  # fmt: skip
        for text in once:
            assert sentence in text, sentence
    columns, rows = differences_table(study)
    assert {row[columns.index("procedure")] for row in rows} == {one.procedure for one in study.test_sets[0].findings}
    assert rows[0][columns.index("resolution")] == findings.resolution


def test_costs_are_the_same_everywhere(study, page):
    alone = "Trained on cpu, 1 CPU thread a process. Times are comparable only if nothing else ran beside them."
    for text in (of_console(study)[0], markdown(study), latex(study), of_page(page)[0]):
        for cost in ("80.5", "54,000", "600,000", "700", alone):
            assert cost in text


def test_times_of_several_devices_are_told_as_such(study):
    (test_set,) = study.test_sets
    first, *rest = test_set.contestants
    run, *others = first.runs
    changed = replace(run, record=replace(run.record, device="GPU", threads=4))
    told = telling.trained_on(replace(test_set, contestants=(replace(first, runs=(changed, *others)), *rest)))
    assert told == "Trained on GPU, cpu, 1/4 CPU threads a process. Times of different devices are not comparable."
