import torch

from resemblance.data.lfw.protocol_files import NamedPair, Person
from resemblance.data.lfw.view1 import View1, cut_down


def people(prefix: str, counts: list[int]) -> list[Person]:
    return [Person(f"{prefix}_{index}", tuple(range(1, count + 1)), index + 2) for index, count in enumerate(counts)]


def view(test: list[int], pairs: list[NamedPair]) -> View1:
    return View1(people("Train", [2, 5] * 20), people("Held", [1, 2, 3] * 10), people("Probe", test), pairs, [])


def pair(first: int, first_image: int, second: int, second_image: int) -> NamedPair:
    return NamedPair((f"Probe_{first}", first_image), (f"Probe_{second}", second_image), 2)


def impostors(persons: list[Person]) -> int:
    owners = torch.repeat_interleave(
        torch.arange(len(persons)), torch.tensor([len(person.numbers) for person in persons])
    )
    return int((owners[:, None] < owners[None, :]).sum())


MANY = [pair(0, 1, 0, 2), pair(0, 3, 0, 4), pair(0, 2, 0, 7), pair(1, 1, 1, 3), pair(2, 1, 3, 1), pair(0, 9, 4, 1)]


def test_a_pair_that_would_give_someone_a_fourth_image_is_passed_over():
    small = cut_down(view([9, 3, 1, 1, 1] + [4] * 30, [*MANY, pair(3, 1, 4, 1), pair(5, 1, 6, 1)]))
    assert small.pairs == [MANY[0], MANY[2], MANY[4], pair(3, 1, 4, 1)]
    kept = {person.name: person.numbers for person in small.test}
    assert kept["Probe_0"] == (1, 2, 7)
    for chosen in small.pairs:
        for name, number in chosen.images:
            assert number in kept[name]


def test_test_people_are_added_until_there_are_a_thousand_impostor_comparisons():
    small = cut_down(view([9, 3] + [1] * 40 + [2] * 40, MANY))
    assert max(len(person.numbers) for person in small.test) == 3
    assert len(small.test) > 16
    assert impostors(small.test) >= 1000
    assert impostors(small.test[:-1]) < 1000


def test_sixteen_people_are_enough_where_they_have_three_images():
    whole = view([5] * 60, MANY[:4])
    assert len(cut_down(whole).test) == 16
    assert len(cut_down(whole, impostors=10).test) == 16


def test_a_small_test_set_is_kept_whole():
    assert len(cut_down(view([9, 3, 1, 1, 1], MANY)).test) == 5


def test_training_and_validation_keep_those_with_most_images():
    small = cut_down(view([5] * 30, MANY[:4]))
    assert [len(person.numbers) for person in small.train] == [3] * 16
    assert sorted(len(person.numbers) for person in small.validation) == [2] * 6 + [3] * 10
