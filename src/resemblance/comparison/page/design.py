"""What differs between the contestants and what all of them share."""

from resemblance.comparison.page.markup import Content, Markup, element, markup, table
from resemblance.comparison.page.report import Report, Section, folded
from resemblance.comparison.runs import Run
from resemblance.comparison.settings_of import flat, shown
from resemblance.comparison.study import TestSet

_NEVER = {"seed", "output_dir", "name", "group", "choices", "logger", "hydra", "sweep", "experiment"}
_NONE = "–"


def design(report: Report) -> Section | None:
    """None where there is no test set."""
    if not report.study.test_sets:
        return None
    return Section("design", "Configuration differences", report.each(lambda *of: _of_set(report, *of)))


def _of_set(report: Report, test_set: TestSet, _: str) -> Markup:
    return markup(_differences(report, test_set), _shared(test_set), _software(test_set))


def _differences(report: Report, test_set: TestSet) -> Markup:
    keys = list(dict.fromkeys(key for one in test_set.contestants for key in one.settings))
    if not keys:
        return element("p", "The contestants differ in no setting.")
    rows: list[list[Content]] = [
        [element("code", key), *(_setting(one.settings.get(key, _NONE)) for one in test_set.contestants)]
        for key in keys
    ]
    head = ["Setting", *(report.signs.named(one.name) for one in test_set.contestants)]
    caption = report.table_caption(f"Settings that are not the same for all contestants on {test_set.name}.")
    return table(head, rows, caption=caption, class_="settings")


def _shared(test_set: TestSet) -> Markup:
    runs = [run for one in test_set.contestants for run in one.runs]
    differing = {key for one in test_set.contestants for key in one.settings}
    settings = [_settings(run) for run in runs]
    common = {
        key: value
        for key, value in settings[0].items()
        if key not in differing and all(key in other and other[key] == value for other in settings)
    }
    rows = [[element("code", key), _setting(value)] for key, value in common.items()]
    title = f"The {len(rows)} settings that all runs share"
    return folded(title, table(["Setting", "Value"], rows, class_="settings", wide=False)) if rows else markup()


def _settings(run: Run) -> dict[str, object]:
    choices = run.config.get("choices") or {}
    kept = {key: value for key, value in run.config.items() if key not in _NEVER}
    return {**{f"{group}=": option for group, option in choices.items()}, **flat(kept)}


def _software(test_set: TestSet) -> Markup:
    records = [run.record for one in test_set.contestants for run in one.runs]
    told = [f"resemblance {version}" for version in sorted({record.version for record in records})]
    codes = sorted({record.code or "unknown" for record in records})
    told.append(f"code {', '.join(codes)}")
    names = sorted({name for record in records for name in record.software})
    for name in names:
        versions = sorted({record.software[name] for record in records if name in record.software})
        told.append(f"{name} {', '.join(versions)}")
    return element("p", "Software: ", "; ".join(told), ".", class_="note")


def _setting(value: object) -> Content:
    text = _NONE if value in ("-", _NONE) else shown(value)
    # Dotted paths and lists may break where they have room to.
    return element("td", element("code", text), class_="setting")
