"""A training in miniature, as a function call."""

from io import StringIO

from rich.console import Console

from resemblance.training import train
from tests.helpers import composed

SMOKE = ("trainer=smoke", "logger=none", "backbone.widths=[8,16]")


def run(path, *overrides):
    text = StringIO()
    outcome = train(composed(*SMOKE, *overrides), path, overrides, Console(file=text, width=100))
    return outcome, text.getvalue()
