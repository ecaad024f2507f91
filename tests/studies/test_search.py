import math
from statistics import median

import pytest

from resemblance.studies.search import Search
from resemblance.studies.space import Choice, Interval

SPACE = {"x": Interval(0.1, 10, log=True), "k": Interval(1, 5, whole=True), "c": Choice(("a", "b"))}


def answers(seed: int, trials: int = 12, higher: bool = True) -> list[tuple[dict, float | None]]:
    search = Search(SPACE, higher, seed)
    for number in range(trials):
        settings = search.ask()
        x = settings.get("x", 9.0)
        search.tell(settings, None if number == 2 else -((x - 1) ** 2) * (1 if higher else -1))
    return search.trials


def test_the_first_trial_changes_nothing_and_the_others_stay_inside():
    first, *others = answers(0)
    assert first == ({}, -64.0)
    for settings, _ in others:
        assert 0.1 <= settings["x"] <= 10
        assert settings["k"] in range(1, 6)
        assert settings["c"] in ("a", "b")


def test_the_same_seed_and_answers_ask_the_same_questions():
    assert answers(3) == answers(3) != answers(4)


@pytest.mark.parametrize("higher", [True, False])
def test_it_learns_from_the_answers(higher):
    """Later trials lie nearer to the optimum than the first random ones."""
    found = [[abs(math.log(s["x"])) for s, _ in answers(seed, 30, higher)[1:]] for seed in range(16)]
    early = [distance for trials in found for distance in trials[:3]]
    late = [distance for trials in found for distance in trials[-10:]]
    assert median(late) < 0.6 * median(early)
