"""What the losses are required to cost, and whether they do."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from resemblance.benchmarks.cases import EMBEDDING_SIZE, FACENET, Case, Series
from resemblance.benchmarks.contestants import LIBRARY, OURS, PLAIN
from resemblance.benchmarks.measuring import Measurement
from resemblance.benchmarks.memory import NOISE
from resemblance.benchmarks.reporting import GB, MB, Verdict
from resemblance.losses.class_blocks import BLOCK

_FLOAT = 4  # bytes
_USUAL = Case("batch-all", 512, 4)
_LARGEST = Case("batch-all", 4096, 4)
_FACENET = Case("batch-all", *FACENET)
# Beside weights and gradient a margin softmax may hold one block of classes: some eight arrays of its size.
_BLOCK = {device: 8 * _FLOAT * numbers for device, numbers in BLOCK.items()}

_Cost = Callable[[Measurement], float | None]


def _seconds(measurement: Measurement) -> float | None:
    return measurement.median


def _bytes(measurement: Measurement) -> float | None:
    # A peak below the noise counts as the noise: nobody is a thousand times leaner than nothing.
    return None if measurement.peak is None else max(measurement.peak, NOISE)


class _Costs:
    """Measurements by case and contestant."""

    def __init__(self, measurements: Iterable[Measurement], device: str) -> None:
        self.device = device
        self._by_case: dict[Case, dict[str, Measurement]] = {}
        for measurement in measurements:
            self._by_case.setdefault(measurement.case, {})[measurement.contestant] = measurement

    def cases(self, series: Series) -> list[Case]:
        return [case for case in self._by_case if case.series == series]

    def get(self, case: Case, contestant: str) -> Measurement | None:
        return self._by_case.get(case, {}).get(contestant)

    def ratio(self, case: Case, contestant: str, cost: _Cost) -> float | None:
        """The contestant's cost over ours."""
        theirs, ours = self.get(case, contestant), self.get(case, OURS)
        if theirs is None or ours is None:
            return None
        numerator, denominator = cost(theirs), cost(ours)
        return None if numerator is None or denominator is None else numerator / denominator


def verdicts(measurements: Sequence[Measurement], device: str = "cpu") -> list[Verdict]:
    """Each requirement whose series was measured."""
    costs = _Costs(measurements, device)
    return [verdict for series, judge in _JUDGES.items() if costs.cases(series) for verdict in judge(costs, series)]


def _triplets(costs: _Costs, series: Series) -> Iterator[Verdict]:
    usual, facenet, largest = (_of(series, case) for case in (_USUAL, _FACENET, _LARGEST))
    yield _faster(costs, usual, LIBRARY, 12)
    yield _leaner(costs, usual, LIBRARY, 5)
    yield _faster(costs, usual, PLAIN, 1)
    yield _within(costs, costs.cases(series), PLAIN, 1)
    yield _faster(costs, facenet, PLAIN, 3)
    yield _at_most(costs, facenet, 1 * GB)
    yield _runs(costs, largest)


def _batch_hard(costs: _Costs, series: Series) -> Iterator[Verdict]:
    yield _within(costs, [_of(series, _USUAL)], PLAIN, 1.1)
    yield _within(costs, costs.cases(series), PLAIN, 1.1)
    yield _faster(costs, _of(series, _USUAL), LIBRARY, 1.5)


def _angular(costs: _Costs, series: Series) -> Iterator[Verdict]:
    yield _within(costs, costs.cases(series), LIBRARY, 1)
    yield _at_most(costs, _of(series, _FACENET), 0.1 * GB)


def _cosface(costs: _Costs, series: Series) -> Iterator[Verdict]:
    many = Case(series, 512, classes=100_000)
    yield _faster(costs, many, LIBRARY, 2)
    weights = 100_000 * EMBEDDING_SIZE * _FLOAT
    remark = f"weights and gradient are {2 * weights / MB:.0f} MB, the rest is for a block"
    yield _at_most(costs, many, 2 * weights + _BLOCK[costs.device], remark)
    yield _runs(costs, Case(series, 512, classes=1_000_000))


_JUDGES: dict[Series, Callable[[_Costs, Series], Iterator[Verdict]]] = {
    "batch-all": _triplets,
    "semi-hard": _triplets,
    "batch-hard": _batch_hard,
    "angular": _angular,
    "cosface": _cosface,
}


def _of(series: Series, case: Case) -> Case:
    return Case(series, case.images, case.images_per_identity)


def _faster(costs: _Costs, case: Case, than: str, wanted: float) -> Verdict:
    ratio = costs.ratio(case, than, _seconds)
    if ratio is None:
        return Verdict(f"{case}: no time to compare with {than}", None)
    return Verdict(f"{case}: {ratio:.1f} × as fast as {than} (wanted {wanted:g} ×)", ratio >= wanted)


def _leaner(costs: _Costs, case: Case, than: str, wanted: float) -> Verdict:
    ratio = costs.ratio(case, than, _bytes)
    if ratio is None:
        return Verdict(f"{case}: no memory to compare with {than}", None)
    return Verdict(f"{case}: 1/{ratio:.1f} of the memory of {than} (wanted 1/{wanted:g})", ratio >= wanted)


def _within(costs: _Costs, cases: Sequence[Case], than: str, wanted: float) -> Verdict:
    """At no size more than ``wanted`` times as long; the sentence names the size where the contestant does best."""
    series = cases[0].series
    shares = {case: 1 / ratio for case in cases if (ratio := costs.ratio(case, than, _seconds)) is not None}
    if not shares:
        return Verdict(f"{series}: no time to compare with {than}", None)
    worst = max(shares, key=lambda case: shares[case])
    return Verdict(
        f"{worst}: {shares[worst]:.2f} × the time of {than}"
        + (f", its best of {len(shares)} sizes" if len(shares) > 1 else "")
        + f" (wanted {wanted:g} × or less)",
        shares[worst] <= wanted,
    )


def _at_most(costs: _Costs, case: Case, wanted: float, remark: str = "") -> Verdict:
    ours = costs.get(case, OURS)
    if ours is None or ours.peak is None:
        return Verdict(f"{case}: no peak memory", None)
    limit = f"wanted {wanted / MB:,.0f} MB or less" + (f"; {remark}" if remark else "")
    return Verdict(f"{case}: peak of {ours.peak / MB:,.0f} MB ({limit})", ours.peak <= wanted)


def _runs(costs: _Costs, case: Case) -> Verdict:
    ours = costs.get(case, OURS)
    if ours is None:
        return Verdict(f"{case}: not tried", None)
    if ours.median is None or ours.peak is None:
        return Verdict(f"{case}: does not run, {ours.failure}", False)
    return Verdict(f"{case}: runs, {ours.median * 1e3:,.0f} ms and {ours.peak / MB:,.0f} MB", True)
