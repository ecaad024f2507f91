"""The example of docs/protocols.md runs as it stands there."""

import re

import matplotlib
import torch

from tests.helpers import REPOSITORY

matplotlib.use("Agg")


def test_the_torchmetrics_example_runs(capsys):
    page = (REPOSITORY / "docs" / "protocols.md").read_text(encoding="utf-8")
    section = page.split("## As torchmetrics")[1]
    (code,) = re.findall(r"```python\n(.*?)```", section.split("\n## ")[0], re.DOTALL)
    torch.manual_seed(0)
    names: dict[str, object] = {}
    exec(compile(code, "docs/protocols.md", "exec"), names)
    told = capsys.readouterr().out
    for key in re.findall(r"\b\w+\b", code.split("# auc")[1].splitlines()[0]):
        assert f"'{key}'" in told
    assert names["axes"].get_lines()
    matplotlib.pyplot.close("all")
