"""The commands that make all of it again: the comparison, and each of its runs."""

import shlex

from resemblance.comparison.page.markup import Markup, element, markup
from resemblance.comparison.page.report import Report, Section, absent, folded
from resemblance.comparison.runs import Run
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
    """What made a run, from the settings that its user changed; a checkpoint that was named makes it an evaluation."""
    evaluates = any(override.lstrip("+").startswith("checkpoint=") for override in run.record.overrides)
    overrides = list(run.record.overrides)
    if not any(override.lstrip("+").partition("=")[0] == "seed" for override in overrides) and not evaluates:
        overrides.append(f"seed={run.seed}")
    return shlex.join(["python", "evaluate.py" if evaluates else "train.py", *overrides])


def _contestant(report: Report, one: Contestant, runs: list[Run]) -> Markup:
    title = markup(report.signs.named(one.name), f" · {counted(len(runs), 'run')}")
    return folded(title, _pre([command_of(run) for run in runs]))


def _pre(lines: list[str]) -> Markup:
    return element("pre", element("code", "\n".join(lines)), tabindex=0)
