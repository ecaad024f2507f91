import html.parser
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from resemblance.comparison import runs
from resemblance.comparison.command import write_study as write_study_files
from resemblance.comparison.figures import write_figures
from resemblance.comparison.page.commands import command_of
from resemblance.comparison.page.conclusions import conclusions
from resemblance.comparison.page.report import Report
from resemblance.comparison.page.write import SECTIONS, page, write_page
from resemblance.comparison.settings import checked
from resemblance.comparison.study import Ranks, Study
from resemblance.comparison.studying import study_of
from resemblance.comparison.telling import ranking
from resemblance.comparison.wandb_log import roc_rows
from resemblance.errors import ConfigurationError
from resemblance.tracking.reading import read_results
from tests.comparison.pictured import write_pictured_study
from tests.comparison.written import seal, write_run, write_study

VOID = {"meta", "br", "img", "hr", "input", "link", "wbr"}


class Reader(html.parser.HTMLParser):
    """Checks that elements are nested, and keeps what a reader sees and what a browser would fetch."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.fetched, self.ids, self.tags, self.contents = [], [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append(tag)
        self.fetched += [values[name] for name in ("src", "srcset", "data") if name in values]
        self.fetched += [values["href"]] if tag in ("link", "image", "use") and "href" in values else []
        self.contents += [values["content"]] if "content" in values else []
        self.ids += [values["id"]] if "id" in values else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "script" not in self.open and "style" not in self.open:
            self.text.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    reader.seen = re.sub(r"\s+", " ", "".join(reader.text))
    return reader


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    folder = tmp_path_factory.mktemp("page")
    return study_of(
        write_pictured_study(folder, {"cosface": 3.2, "triplet": 2.5, "softmax": 2.88}), title="Three & more"
    )


@pytest.fixture(scope="module")
def whole(study):
    return page(study)


def test_the_page_is_whole_and_asks_for_nothing(whole):
    reader = read(whole)
    assert all(place.startswith("data:image/") for place in reader.fetched)
    assert any("default-src 'none'" in value for value in reader.contents)
    assert len(whole.encode()) < 8e6
    links = re.findall(r'<a href="#([\w-]+)"', whole)
    assert len(links) > 10
    assert set(links) <= set(reader.ids)


def test_every_section_is_there(whole):
    seen = read(whole).seen
    for title in (
        "Conclusions", "Leaderboard", "Pairwise verdicts", "ROC curves", "Seeds", "Metric against training images",
        "Mining and collapse", "Cost against quality", "Hardest pairs", "Embedding map", "Configuration differences",
        "Budget and tuning", "Warnings and refused runs", "Commands that reproduce it",
    ):  # fmt: skip
        assert title in seen
    assert "python train.py loss=cosface seed=1" in seen
    assert "cosface has the highest AUC" in seen


def test_what_is_said_is_what_was_found(study, whole):
    seen = read(whole).seen
    for findings in study.test_sets[0].findings:
        assert findings.resolution_note in seen
        assert findings.procedure in seen
        for standing in findings.standings:
            assert f"{standing.mean:.4f}" in seen


def test_a_name_can_not_become_part_of_the_page(study):
    evil = "<script>alert(1)</script><b>&"
    test_set = study.test_sets[0]
    contestants = (replace(test_set.contestants[0], name=evil), *test_set.contestants[1:])
    old = test_set.contestants[0].name

    def renamed(findings):
        def name(one):
            return evil if one == old else one

        standings = tuple(replace(one, contestant=name(one.contestant)) for one in findings.standings)
        pairs = tuple(replace(one, first=name(one.first), second=name(one.second)) for one in findings.differences)
        return replace(findings, standings=standings, differences=pairs)

    found = tuple(renamed(one) for one in test_set.findings)
    changed = replace(study, title=evil, test_sets=(replace(test_set, contestants=contestants, findings=found),))
    text = page(changed)
    reader = read(text)
    assert reader.tags.count("script") == read(page(study)).tags.count("script")
    assert "alert(1)</script>" not in text
    assert evil in reader.seen


def test_images_are_left_out_when_asked(study):
    text = page(study, images=False)
    assert "data:image" not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert "Images are left out of this page." in read(text).seen


def test_the_same_study_gives_the_same_page(study, whole):
    assert page(study) == whole


@pytest.mark.parametrize(("losses", "seeds"), [(1, 1), (1, 3), (2, 1), (2, 20), (12, 2)])
def test_any_number_of_contestants_and_seeds(tmp_path, losses, seeds):
    for number in range(losses):
        for seed in range(seeds):
            path = tmp_path / str(number) / str(seed)
            write_run(path, choices={"loss": f"loss{number}"}, seed=seed, settings={"loss.margin": number / 10})
    seen = read(page(study_of(tmp_path))).seen
    assert f"{losses} contestant" in seen
    for sentence in (
        "has a ROC curve in its results.json",
        "has a history of its training",
        "has kept its hardest pairs",
        "has kept embeddings",
        "there is no interval over subjects",
        "No tuning was found",
    ):
        assert sentence in seen
    assert ("there is no interval over seeds" in seen) == (seeds == 1)
    assert ("nothing to compare it with" in seen) == (losses == 1)
    assert ("Pairwise verdicts" in seen) == (losses > 1)
    assert "nan" not in seen.lower().split()


def test_several_test_sets_ranks_tuning_warnings_and_refusals(study, tmp_path):
    names = [one.name for one in study.test_sets[0].contestants]
    ranks = Ranks(
        "test/verification/auc", "AUC", tuple("abcde"), dict(zip(names, (1.2, 1.9, 2.9), strict=True)), 1.48, 0.02,
        (tuple(names[:2]), tuple(names[1:])),
    )  # fmt: skip
    spent = {"trials": 8, "epochs": 3, "metric": "val/verification/auc", "best": {"loss.margin": 0.3}, "seconds": 240.0}
    first = study.test_sets[0]
    changed = replace(
        study,
        test_sets=(replace(first, warnings=("data differs: a (x); b (y).",)), replace(first, name="another")),
        ranks=(ranks,),
        tuning={"cosface": {**spent, "values": [0.9, 0.95, None]}, "softmax": {**spent, "values": [], "seconds": None}},
        refused={"runs/<broken>": "It is half written."},
        notes=("Something else.",),
        command="python compare.py runs='a b'",
    )
    write_page(changed, tmp_path / "report.html")
    reader = read((tmp_path / "report.html").read_text("utf-8"))
    for sentence in (
        "1 warning on whether these runs are comparable", "data differs: a (x); b (y).", "1 run directory was refused.",
        "runs/<broken>", "It is half written.", "Something else.", "python compare.py runs='a b'", "p = 0.020",
        "CD 1.48", "loss.margin=0.3", "AUC 0.9500", "have the same budget. Not tuned: triplet", "another",
    ):  # fmt: skip
        assert sentence in reader.seen


def test_nothing_to_compare_is_said(tmp_path):
    seen = read(page(Study("Empty", (), refused={"a": "It has failed."}))).seen
    assert "No run could be compared" in seen
    assert "It has failed." in seen


def test_the_parts_of_the_page_travel_with_the_package():
    folder = Path(__file__).parents[3] / "src" / "resemblance" / "comparison" / "page"
    assert {path.name for path in folder.iterdir() if path.suffix in (".css", ".js")} == {
        "page.css", "theme.js", "charts.js", "keys.js", "paper.js",
    }  # fmt: skip
    assert len(SECTIONS) == 15


def test_figures_that_only_some_have_are_drawn_for_those(tmp_path):
    write_study(tmp_path, {"cosface": 0.97, "softmax": 0.96}, seeds=2)
    draws = np.random.default_rng(1).normal(0.9, 0.002, 200)
    write_run(tmp_path / "triplet" / "0", "triplet", 0, {"test/verification/auc": (0.9, draws)})
    write_run(tmp_path / "triplet" / "1", "triplet", 1, {"test/verification/auc": (0.91, draws + 0.01)})
    study = study_of(tmp_path)
    assert {len(findings.standings) for findings in study.test_sets[0].findings} == {2, 3}
    read(page(study))


def test_the_command_writes_page_and_figures_as_it_is_told(study, tmp_path):
    written = write_study_files(study, tmp_path, ["html", "png"], images=False)
    assert [path.name for path in written[:1]] == ["report.html"]
    assert "Images are left out" in (tmp_path / "report.html").read_text("utf-8")
    assert (tmp_path / "figures" / "roc.png") in written
    assert all(path.is_file() for path in written)
    assert checked({"runs": "a"}).images is True
    with pytest.raises(ConfigurationError, match="images is 'no'; it is true or false"):
        checked({"runs": "a", "images": "no"})


def test_what_is_hovered_has_the_braces_that_plotly_reads(whole):
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', whole)[1])
    templates = [
        trace["hovertemplate"]
        for chart in data["charts"].values()
        for view in chart["views"]
        for trace in view["traces"]
        if "hovertemplate" in trace
    ]
    assert len(templates) > 20
    for template in templates:
        assert not re.search("[{}]", re.sub(r"%\{[^{}]+\}", "", template)), template


@pytest.mark.parametrize("override", ["seed=7", "+seed=7", "++seed=7"])
def test_a_seed_is_told_once(study, override):
    run = study.test_sets[0].contestants[0].runs[0]
    run = replace(run, record=replace(run.record, overrides=("loss=cosface", override)))
    assert command_of(run) == f"python train.py loss=cosface {override}"


def test_another_setting_is_no_seed(study):
    run = study.test_sets[0].contestants[0].runs[0]
    run = replace(run, record=replace(run.record, overrides=("data.seed=7",)))
    assert command_of(run) == f"python train.py data.seed=7 seed={run.seed}"


def test_ranks_are_among_the_conclusions(study):
    names = [one.name for one in study.test_sets[0].contestants]
    ranks = Ranks("k", "AUC", tuple("abcde"), dict(zip(names, (1.2, 1.9, 2.9), strict=True)), 1.48, 0.0002, ())
    body = conclusions(Report(replace(study, ranks=(ranks,)))).body
    assert ranking(ranks) in read(body).seen


def test_curves_over_fewer_seeds_say_so(tmp_path):
    write_pictured_study(tmp_path, {"cosface": 3.2, "triplet": 2.5})
    run = tmp_path / "triplet" / "2"
    results = json.loads((run / "results.json").read_text("utf-8"))
    (run / "results.json").write_text(json.dumps({**results, "curves": {}}), "utf-8")
    (run / "history.csv").unlink()
    seal(run)
    study = study_of(tmp_path)
    text = page(study)
    told = "Over fewer seeds, as the other runs have no such curve: triplet (mining=semihard) (2 of 3)."
    assert told in read(text).seen
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text)[1])
    assert all(view["remark"] == told for view in data["charts"]["training-0"]["views"])
    assert {row[3] for row in roc_rows(study.test_sets[0])} == {"cosface", "triplet (mining=semihard) (2 of 3 seeds)"}


def test_a_file_of_results_is_read_once_for_all_that_is_written(tmp_path, monkeypatch):
    study = study_of(write_pictured_study(tmp_path, {"cosface": 3.2, "triplet": 2.5}, seeds=1))
    read_from = []
    monkeypatch.setattr(runs, "read_results", lambda path: read_from.append(path) or read_results(path))
    page(study)
    roc_rows(study.test_sets[0])
    list(write_figures(replace(study, test_sets=tuple(replace(one, findings=()) for one in study.test_sets)), tmp_path))
    assert sorted(read_from) == [tmp_path / "cosface" / "1", tmp_path / "triplet" / "1"]


def test_labels_are_text_to_plotly_too(study):
    first = study.test_sets[0]
    named = replace(first, findings=(replace(first.findings[0], label="a <b>rate</b>"),))
    report = Report(replace(study, test_sets=(named,)))
    for make in SECTIONS:
        make(report)
    charts = {chart.name: chart.views[0].layout for chart in report.charts}
    assert charts["seeds-0"]["xaxis"]["title"]["text"] == "a &lt;b&gt;rate&lt;/b&gt; (more is better)"
    assert charts["cost-0"]["yaxis"]["title"]["text"] == "a &lt;b&gt;rate&lt;/b&gt; (more is better)"
