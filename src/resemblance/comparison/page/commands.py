"""The commands that make all of it again: the comparison, and each of its runs."""

import shlex

from resemblance.comparison.page.markup import Markup, element, markup
from resemblance.comparison.page.report import Report, Section, absent, folded
from resemblance.comparison.runs import Run
from resemblance.comparison.settings_of import choice
from resemblance.comparison.study import Contestant
from resemblance.wording import counted


def commands(report: Report) -> Section:
    """Always there."""
    study = report.study
    compare = _pre([study.command]) if study.command else absent("The command of this comparison was not recorded.")
    seen: set[str] = set()
    parts = []
    for test_set in study.test_sets:
        for one in test_set.contestants:
            fresh = [run for run in one.runs if str(run.path) not in seen]
            seen.update(str(run.path) for run in fresh)
            parts += [_contestant(report, one, fresh)] if fresh else []
    about = element("p", f"The {counted(len(seen), 'run')}, each as it was asked for:") if parts else None
    return Section("commands", "Commands that reproduce it", markup(compare, about, parts))


def command_of(run: Run) -> str:
    """What made a run, from the settings that its user changed; a checkpoint that was named makes it an evaluation.

    A job of a tuned study is one training: the settings that were found are among its overrides.
    """
    evaluates = any(_setting(override) == "checkpoint" for override in run.record.overrides)
    overrides = [one for one in run.record.overrides if _setting(one).partition(".")[0] != "sweep"]
    if not evaluates and not any(_setting(override) == "seed" for override in overrides):
        overrides.append(f"seed={run.seed}")
    if not evaluates and choice(run, "sweep") not in (None, "none"):  # an experiment may bring it
        overrides.append("sweep=none")
    return shlex.join(["python", "evaluate.py" if evaluates else "train.py", *overrides])


def _setting(override: str) -> str:
    return override.lstrip("+").partition("=")[0]


def _contestant(report: Report, one: Contestant, runs: list[Run]) -> Markup:
    title = markup(report.signs.named(one.name), f" · {counted(len(runs), 'run')}")
    return folded(title, _pre([command_of(run) for run in runs]))


def _pre(lines: list[str]) -> Markup:
    return element("pre", element("code", "\n".join(lines)), tabindex=0)
