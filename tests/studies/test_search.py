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


def trials_of(space: dict, asked: int, value=lambda settings: 0.5, **options) -> list[dict]:
    search = Search(space, True, seed=0, **options)
    tried = []
    for _ in range(asked):
        if (settings := search.ask()) is None:
            break
        tried.append(settings)
        search.tell(settings, value(settings))
    return tried


def test_no_trial_of_a_small_space_comes_twice_and_all_of_it_is_tried():
    space = {"c": Choice(("a", "b", None)), "k": Interval(1, 2, whole=True)}
    tried = trials_of(space, 20, unchanged={"c": "a", "k": 1})
    assert tried[0] == {}
    points = [tuple({"c": "a", "k": 1, **settings}.values()) for settings in tried]
    assert len(points) == len(set(points)) == 6, "what the YAML files have is one of the six, and is not tried again"
    assert len(trials_of(space, 20, unchanged={"c": "z", "k": 1})) == 7, "unless it lies outside"


def test_eight_trials_are_eight_settings():
    """The sampler alone would ask for the best of three options again and again."""
    space = {"c": Choice((1, 2, 3)), "d": Choice((True, False)), "e": Choice((0.5, "soft"))}
    tried = trials_of(space, 8, lambda settings: float(settings.get("c", 1)), unchanged={"c": 1, "d": True, "e": 0.5})
    points = {tuple({"c": 1, "d": True, "e": 0.5, **settings}.values()) for settings in tried}
    assert len(tried) == len(points) == 8


def test_a_space_whose_numbers_can_not_be_told_apart_ends():
    assert len(trials_of({"x": Interval(0.10001, 0.10002)}, 8)) == 2
