"""View 1 of LFW, the part for development: who is trained on, validated on and tested on.

Every identity of ``pairsDevTrain`` is inside ``peopleDevTrain``, so those pairs would validate what was trained on.
Validation therefore holds out identities of ``peopleDevTrain``; ``pairsDevTest`` stays for the end.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from resemblance.data.lfw.archive import read_list
from resemblance.data.lfw.protocol_files import NamedPair, Person, image_id, parse_pairs, parse_people
from resemblance.data.splits import check_disjoint, split_identities
from resemblance.errors import DataError

TRAIN, TEST, PAIRS = "peopleDevTrain.txt", "peopleDevTest.txt", "pairsDevTest.txt"


@dataclass(frozen=True)
class View1:
    """Three sets of people and the benchmark's pairs.

    Attributes:
        train, validation: people of ``peopleDevTrain`` with enough images.
        test: all people of ``peopleDevTest``.
        pairs: ``pairsDevTest``.
        left_out: people of ``peopleDevTrain`` with too few images.
    """

    train: list[Person]
    validation: list[Person]
    test: list[Person]
    pairs: list[NamedPair]
    left_out: list[Person]


def read_view1(root: Path, validation_share: float, min_images_per_identity: int, seed: int) -> View1:
    """Read the lists and hold out validation identities.

    Args:
        root: where the lists are, see :mod:`~resemblance.data.lfw.archive`.
        validation_share: share of the identities of ``peopleDevTrain``.
        min_images_per_identity: people with fewer are left out of training and validation.
        seed: of the draw of validation identities.

    Raises:
        DataError: for a list that is missing, malformed or too short, and for people in two sets.
    """
    people = _people(root, TRAIN)
    test = _people(root, TEST)
    pairs = [pair for fold in parse_pairs(read_list(root, PAIRS), PAIRS) for pair in fold]
    enough = [person for person in people if len(person.numbers) >= min_images_per_identity]
    if len(enough) < 4:
        raise DataError(
            f"'{TRAIN}' has {len(enough)} people with {min_images_per_identity} or more images, but training and "
            f"validation need 2 each; use the whole list or lower data.min_images_per_identity."
        )
    kept, held_out = split_identities(len(enough), validation_share, seed)
    view = View1(
        train=[enough[index] for index in kept.tolist()],
        validation=[enough[index] for index in held_out.tolist()],
        test=test,
        pairs=pairs,
        left_out=[person for person in people if len(person.numbers) < min_images_per_identity],
    )
    check_disjoint({TRAIN: (person.name for person in people), TEST: (person.name for person in test)})
    check_disjoint(
        {
            "training": (person.name for person in view.train),
            "validation": (person.name for person in view.validation),
        }
    )
    _check_pairs(view)
    return view


def check_images(view: View1, files: frozenset[str], place: str) -> None:
    """Refuse lists that name images which are not there.

    Args:
        view: of the lists.
        files: what is there, ``Name/Name_0001.jpg``.
        place: where that is, for the message.

    Raises:
        DataError: naming list, line and image of the first one, and how many more there are.
    """
    missing = [(file, line, path) for file, line, path in _named_images(view) if path not in files]
    if missing:
        file, line, path = missing[0]
        more = f", and {len(missing) - 1} more are missing" if len(missing) > 1 else ""
        raise DataError(
            f"Line {line} of '{file}' names the image '{path}', which is not at '{place}'{more}; unpack or download "
            f"the images again, whole."
        )


def image_path(name: str, number: int) -> str:
    """Where an image lies below the folder of images."""
    return f"{name}/{image_id(name, number)}.jpg"


def cut_down(view: View1, identities: int = 16, images: int = 3, impostors: int = 1000) -> View1:
    """A small version for rehearsals, in which every protocol still finds what it needs.

    Args:
        view: the whole.
        identities: people of each set.
        images: at most so many of each person.
        impostors: the test set gets more people until it has so many impostor comparisons, or everyone.

    Returns:
        A view whose pairs hold two genuine and two impostor ones at most, their images being among the test set's.
    """
    pairs, wanted = _first_pairs(view.pairs, images)
    test = {person.name: _keep(person, wanted[person.name], images) for person in view.test if person.name in wanted}
    # The others by number of images, so that there are genuine comparisons enough; sorted() keeps the list's order.
    for person in sorted(view.test, key=lambda person: -min(images, len(person.numbers))):
        if len(test) >= identities and _impostors(test.values()) >= impostors:
            break
        test.setdefault(person.name, _keep(person, [], images))
    return replace(
        view,
        train=_most_images(view.train, identities, images),
        validation=_most_images(view.validation, identities, images),
        test=[test[person.name] for person in view.test if person.name in test],
        pairs=pairs,
    )


def _people(root: Path, file: str) -> list[Person]:
    return [person for fold in parse_people(read_list(root, file), file) for person in fold]


def _check_pairs(view: View1) -> None:
    tested = {person.name: len(person.numbers) for person in view.test}
    for pair in view.pairs:
        for name, number in pair.images:
            if number > tested.get(name, 0):
                raise DataError(
                    f"Line {pair.line} of '{PAIRS}' names the image '{image_id(name, number)}', which '{TEST}' does "
                    f"not have; take both lists from the same release of LFW."
                )


def _named_images(view: View1) -> Iterator[tuple[str, int, str]]:
    for file, people in ((TRAIN, view.train), (TRAIN, view.validation), (TEST, view.test)):
        for person in people:
            for number in person.numbers:
                yield file, person.line, image_path(person.name, number)


def _first_pairs(pairs: list[NamedPair], images: int) -> tuple[list[NamedPair], dict[str, list[int]]]:
    kept: list[NamedPair] = []
    wanted: dict[str, list[int]] = {}
    for same in (True, False):
        for pair in [pair for pair in pairs if pair.same is same]:
            if sum(chosen.same is same for chosen in kept) == 2:
                break
            grown = {name: list(numbers) for name, numbers in wanted.items()}
            for name, number in pair.images:
                if number not in grown.setdefault(name, []):
                    grown[name].append(number)
            if max(map(len, grown.values())) <= images:
                kept.append(pair)
                wanted = grown
    return kept, wanted


def _keep(person: Person, wanted: list[int], images: int) -> Person:
    others = [number for number in person.numbers if number not in wanted]
    return replace(person, numbers=tuple(sorted((wanted + others)[:images])))


def _most_images(people: list[Person], identities: int, images: int) -> list[Person]:
    chosen = sorted(people, key=lambda person: -min(images, len(person.numbers)))[:identities]
    return [_keep(person, [], images) for person in people if person in chosen]


def _impostors(people: Iterable[Person]) -> int:
    counts = [len(person.numbers) for person in people]
    return (sum(counts) ** 2 - sum(count**2 for count in counts)) // 2
