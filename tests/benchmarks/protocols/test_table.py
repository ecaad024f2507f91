"""What stands beside what."""

import csv

import numpy as np

from resemblance.benchmarks.protocols.cases import Case
from resemblance.benchmarks.protocols.contestants import CONTESTANTS, FAISS
from resemblance.benchmarks.protocols.measuring import Measurement
from resemblance.benchmarks.protocols.table import write_markdown, write_table
from resemblance.benchmarks.protocols.trials import Answer


def test_each_index_is_compared_with_ours_that_does_the_same(tmp_path):
    case = Case("search", 1000, 10)
    neighbours = {"by cosine": np.array([[1, 2]]), "by distance": np.array([[1, 3]])}
    measured = []
    for number, name in enumerate(CONTESTANTS["search"]):
        distance = "distance" in name or name == FAISS["ours, by distance"]
        answer = Answer(neighbours=neighbours["by distance" if distance else "by cosine"])
        measured.append(Measurement(case, name, [[1.0, 3.0, 5.0, 10.0][number]], [10**9], answer))
    write_table(tmp_path / "t.csv", measured)
    with (tmp_path / "t.csv").open() as file:
        apart = {row["contestant"]: row["difference"] for row in csv.DictReader(file)}
    assert apart == {"ours": "", "FAISS IndexFlatIP": "0", "ours, by distance": "0.5", "FAISS IndexFlatL2": "0"}
    write_markdown(tmp_path / "t.md", measured, [], "machine")
    rows = [[cell.strip() for cell in line.split("|")] for line in (tmp_path / "t.md").read_text().splitlines()]
    times = {row[2]: row[5] for row in rows if len(row) > 5 and row[2] in CONTESTANTS["search"]}
    assert times["FAISS IndexFlatL2"] == "2.00", "of 5 s, not of the 1 s by cosine"
    assert times["FAISS IndexFlatIP"] == "3.00"
