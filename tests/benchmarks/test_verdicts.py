import pytest

from resemblance.benchmarks.cases import FACENET, SERIES, Case
from resemblance.benchmarks.contestants import LIBRARY, OURS, PLAIN
from resemblance.benchmarks.measuring import Measurement
from resemblance.benchmarks.verdicts import verdicts

USUAL, FACENETS, LARGEST = (512, 4), FACENET, (4096, 4)


def one(series, size, contestant, milliseconds, megabytes, classes=None):
    images, images_per_identity = size
    case = Case(series, images, images_per_identity, classes)
    return Measurement(case, contestant, round(megabytes * 1e6), [milliseconds / 1e3] * 3)


def triplets(ours, library, plain, facenet_ours, facenet_plain):
    return [
        one("batch-all", USUAL, OURS, *ours),
        one("batch-all", USUAL, LIBRARY, *library),
        one("batch-all", USUAL, PLAIN, *plain),
        one("batch-all", FACENETS, OURS, *facenet_ours),
        one("batch-all", FACENETS, PLAIN, *facenet_plain),
        one("batch-all", LARGEST, OURS, 300, 400),
    ]


def test_requirements_that_are_met():
    judged = verdicts(triplets((10, 10), (142, 60), (15, 30), (100, 50), (400, 900)))
    assert [verdict.met for verdict in judged] == [True] * 7
    assert judged[0].words == "batch-all, B = 512, K = 4: 14.2 × as fast as pytorch-metric-learning (wanted 12 ×)"
    assert judged[1].words == "batch-all, B = 512, K = 4: 1/6.0 of the memory of pytorch-metric-learning (wanted 1/5)"
    assert judged[-1].words == "batch-all, B = 4,096, K = 4: runs, 300 ms and 400 MB"


def test_requirements_that_are_missed_say_by_how_much():
    judged = verdicts(triplets((20, 20), (142, 60), (15, 30), (300, 1100), (400, 900)))
    assert [verdict.met for verdict in judged] == [False] * 6 + [True]
    assert "7.1 × as fast" in judged[0].words
    assert "1.33 × the time of plain torch, its best of 2 sizes" in judged[3].words
    assert "peak of 1,100 MB (wanted 1,000 MB or less)" in judged[5].words


def test_what_was_not_measured_is_neither_met_nor_missed():
    judged = verdicts([one("batch-all", (64, 4), OURS, 1, 1)])
    assert {verdict.met for verdict in judged} == {None}
    assert verdicts([]) == []


def test_a_size_that_does_not_run_is_missed():
    failed = Measurement(Case("semi-hard", *LARGEST), OURS, failure="out of memory at 20.0 GB")
    assert verdicts([failed])[-1].met is False
    assert "out of memory" in verdicts([failed])[-1].words


def test_a_peak_in_the_noise_is_not_a_thousand_times_leaner():
    judged = verdicts(triplets((10, 0), (142, 4), (15, 30), (100, 50), (400, 900)))
    assert judged[1].met is False
    assert "1/4.0 of the memory" in judged[1].words


@pytest.mark.parametrize(("megabytes", "met"), [(118, True), (125, False)])
def test_margin_softmax_may_hold_weights_gradient_and_a_block(megabytes, met):
    judged = verdicts(
        [
            one("cosface", (512, None), OURS, 400, megabytes, 100_000),
            one("cosface", (512, None), LIBRARY, 1300, 900, 100_000),
        ]
    )
    assert [verdict.met for verdict in judged] == [True, met, None]


@pytest.mark.parametrize(("milliseconds", "met"), [(10.9, True), (11.2, False)])
def test_batch_hard_is_bounded_by_plain_torch(milliseconds, met):
    judged = verdicts(
        [
            one("batch-hard", USUAL, OURS, milliseconds, 5),
            one("batch-hard", USUAL, PLAIN, 10, 5),
            one("batch-hard", USUAL, LIBRARY, 30, 5),
        ]
    )
    assert [verdict.met for verdict in judged] == [met, met, True]


def test_angular_is_compared_at_every_size():
    judged = verdicts(
        [one("angular", size, who, ms, 50) for size in (USUAL, FACENETS) for who, ms in ((OURS, 10), (LIBRARY, 20))]
        + [one("angular", (64, 4), OURS, 1.0, 2), one("angular", (64, 4), LIBRARY, 0.8, 2)]
    )
    assert [verdict.met for verdict in judged] == [False, True]
    assert "B = 64, K = 4: 1.25 × the time" in judged[0].words


def test_every_series_has_requirements():
    for series in SERIES:
        size = (512, None) if series == "cosface" else USUAL
        assert verdicts([one(series, size, OURS, 1, 1, 1000 if series == "cosface" else None)])
