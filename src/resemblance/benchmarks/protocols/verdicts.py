"""What the protocols are required to cost, and whether they do."""

import math
from collections.abc import Callable, Iterator, Sequence

from resemblance.benchmarks.protocols.cases import EMBEDDING_SIZE, Case, Series
from resemblance.benchmarks.protocols.contestants import (
    BLOCKS,
    FAISS,
    INTERVALS,
    LIBRARY,
    OURS,
    SCIKIT_LEARN,
)
from resemblance.benchmarks.protocols.measuring import OUT_OF_TIME, Measurement, difference
from resemblance.benchmarks.protocols.trials import COUNTED
from resemblance.benchmarks.reporting import GB, MB, Verdict, in_seconds

_SECONDS_ALL_PAIRS, _BYTES_ALL_PAIRS = 6, 1 * GB
_SECONDS_VIEW_2 = 2
_GALLERY_SHARE = 1.2
_FLOAT = 4  # bytes
_LINEAR = 1.25
"""Cost of a comparison at the greatest size over that at the smallest: linear, with room for a machine's moods."""


class _Found:
    """The measurements of one series, by size and contestant; ``device`` is where ours ran, the others on the CPU."""

    def __init__(self, measurements: Sequence[Measurement], device: str) -> None:
        self.device = device
        self._by_name = {(one.case, one.contestant): one for one in measurements}
        self.cases = list(dict.fromkeys(one.case for one in measurements))

    def get(self, case: Case, contestant: str) -> Measurement:
        return self._by_name.get((case, contestant), Measurement(case, contestant, failure="not tried"))


def verdicts(measurements: Sequence[Measurement], device: str = "cpu") -> list[Verdict]:
    """Each requirement whose series was measured; ``device`` is where our search ran."""
    judged: list[Verdict] = []
    for series, judge in _JUDGES.items():
        if own := [one for one in measurements if one.case.series == series]:
            judged += judge(_Found(own, device))
    return judged


def _all_pairs(found: _Found) -> Iterator[Verdict]:
    case = found.cases[0]
    ours, usual = found.get(case, OURS), found.get(case, SCIKIT_LEARN)
    yield _seconds_below(ours, _SECONDS_ALL_PAIRS)
    yield _peak_below(ours, _BYTES_ALL_PAIRS)
    yield _times(ours, usual, "as fast as", lambda one: one.median, 10)
    yield _times(ours, usual, "as lean as", lambda one: one.peak, 4)
    yield _same_figures(ours, usual, f"identical to those of {SCIKIT_LEARN} on identical scores")
    for name in (INTERVALS, *BLOCKS):
        yield _same_figures(ours, found.get(case, name), f"the same as '{name}'")


def _growth(found: _Found) -> Iterator[Verdict]:
    first, last = found.get(found.cases[0], OURS), found.get(found.cases[-1], OURS)
    if not last.seconds or last.peak is None:
        if last.failure.startswith(OUT_OF_TIME):
            yield Verdict(f"{last.case}: not measured, {last.failure}", None)
        else:
            yield Verdict(f"{last.case}: does not run, {last.failure}", False)
        return
    assert last.median
    assert last.case.comparisons
    assert first.case.comparisons
    rate = last.case.comparisons / last.median / 1e6
    yield Verdict(
        f"{last.case}: runs, {in_seconds(last.median)} s, {rate:,.0f} million comparisons a second, peak of "
        f"{last.peak / MB:,.0f} MB (the scores alone would fill {_FLOAT * last.case.comparisons / GB:,.0f} GB); "
        f"{last.answer.remark}",
        True,
    )
    if first.median and last is not first:
        ratio = last.median / last.case.comparisons / (first.median / first.case.comparisons)
        yield Verdict(
            f"a comparison costs {ratio:.2f} × as much among {last.case.size:,} embeddings as among "
            f"{first.case.size:,} (wanted {_LINEAR:g} × or less)",
            ratio <= _LINEAR,
        )


def _search(found: _Found) -> Iterator[Verdict]:
    case = found.cases[0]
    held = case.size * EMBEDDING_SIZE * _FLOAT
    for name, theirs in FAISS.items():
        ours, usual = found.get(case, name), found.get(case, theirs)
        if found.device != "cpu":
            yield Verdict(
                f"{case}: {name} ran on {found.device} and {theirs} on the CPU, so that no times compare", None
            )
        elif ours.median is None or usual.median is None:
            yield Verdict(f"{case}: no time of '{name}' to compare with {theirs}", None)
        else:
            ratio = ours.median / usual.median
            yield Verdict(f"{case}: {name}, {ratio:.2f} × the time of {theirs} (wanted 1 × or less)", ratio <= 1)
        if ours.peak is None:
            yield Verdict(f"{case}: no peak memory of '{name}'", None)
            continue
        share = ours.peak / held
        yield Verdict(
            f"{case}: {name}, peak of {share:.2f} × the gallery (wanted less than {_GALLERY_SHARE:g} ×)",
            share < _GALLERY_SHARE,
        )


def _view_2(found: _Found) -> Iterator[Verdict]:
    yield _seconds_below(found.get(found.cases[0], OURS), _SECONDS_VIEW_2, "with all intervals")


def _retrieval(found: _Found) -> Iterator[Verdict]:
    case = found.cases[0]
    yield _same_figures(found.get(case, OURS), found.get(case, LIBRARY), f"the same as those of {LIBRARY}")


def _none(found: _Found) -> Iterator[Verdict]:
    yield from ()


_JUDGES: dict[Series, Callable[[_Found], Iterator[Verdict]]] = {
    "all-pairs": _all_pairs,
    "search": _search,
    "view-2": _view_2,
    "retrieval": _retrieval,
    "one-shot": _none,
    "growth": _growth,
}


def _seconds_below(ours: Measurement, wanted: float, what: str = "") -> Verdict:
    name = f"{ours.case}{', ' if what else ''}{what}"
    if ours.median is None:
        return Verdict(f"{name}: no time, {ours.failure}", None)
    return Verdict(f"{name}: {in_seconds(ours.median)} s (wanted less than {wanted:g} s)", ours.median < wanted)


def _peak_below(ours: Measurement, wanted: float) -> Verdict:
    if ours.peak is None:
        return Verdict(f"{ours.case}: no peak memory, {ours.failure}", None)
    return Verdict(
        f"{ours.case}: peak of {ours.peak / MB:,.0f} MB (wanted less than {wanted / MB:,.0f} MB)", ours.peak < wanted
    )


def _times(
    ours: Measurement, theirs: Measurement, words: str, cost: Callable[[Measurement], float | None], wanted: float
) -> Verdict:
    mine, usual = cost(ours), cost(theirs)
    if not mine or not usual:
        return Verdict(f"{ours.case}: nothing to say how many times {words} {theirs.contestant}", None)
    ratio = usual / mine
    return Verdict(
        f"{ours.case}: {ratio:.1f} × {words} {theirs.contestant} (wanted {wanted:g} ×)",
        ratio >= wanted,
    )


def _same_figures(ours: Measurement, theirs: Measurement, words: str) -> Verdict:
    """None of the figures may differ by more than one genuine comparison or query makes."""
    apart = difference(theirs.answer, ours.answer)
    if apart is None:
        return Verdict(f"{ours.case}: no figures to see whether they are {words}", None)
    if not math.isfinite(apart):
        return Verdict(f"{ours.case}: a figure of {theirs.contestant} or of ours is missing or no number", False)
    what = next(name for name in COUNTED if name in ours.answer.figures)
    count = ours.answer.figures[what]
    return Verdict(
        f"{ours.case}: figures {words} to {apart * count:.2g} of {count:,.0f} {COUNTED[what]} (wanted 1)",
        apart * count <= 1,
    )
