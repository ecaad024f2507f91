import pytest

from resemblance.data.lfw.protocol_files import parse_pairs, parse_people
from resemblance.errors import DataError

PEOPLE = "3\nAda_A\t2\nBo_B\t1\nCy_C\t3\n"
PAIRS = "1\nAda_A\t1\t2\nAda_A\t1\tBo_B\t1\n"


def test_people_of_view_1_are_one_fold_with_all_their_images():
    (people,) = parse_people(PEOPLE, "people.txt")
    assert [(person.name, person.numbers, person.line) for person in people] == [
        ("Ada_A", (1, 2), 2),
        ("Bo_B", (1,), 3),
        ("Cy_C", (1, 2, 3), 4),
    ]
    assert people[0].image_ids == ["Ada_A_0001", "Ada_A_0002"]


def test_people_of_view_2_are_in_folds():
    folds = parse_people("2\n1\nAda_A\t2\n2\nBo_B\t1\nCy_C\t3\n", "people.txt")
    assert [[person.name for person in fold] for fold in folds] == [["Ada_A"], ["Bo_B", "Cy_C"]]


def test_pairs_name_two_images_and_say_whether_they_are_genuine():
    (pairs,) = parse_pairs(PAIRS, "pairs.txt")
    assert [(pair.first, pair.second, pair.same, pair.line) for pair in pairs] == [
        (("Ada_A", 1), ("Ada_A", 2), True, 2),
        (("Ada_A", 1), ("Bo_B", 1), False, 3),
    ]


def test_pairs_of_view_2_are_in_folds_of_genuine_and_impostor_pairs():
    fold = "Ada_A 1 2\nAda_A 1 Bo_B 1\n"
    folds = parse_pairs("2\t1\n" + fold + fold, "pairs.txt")
    assert [[pair.same for pair in fold] for fold in folds] == [[True, False], [True, False]]


def test_windows_line_ends_and_blank_lines_are_accepted():
    assert parse_people(PEOPLE.replace("\n", "\r\n\r\n"), "people.txt")[0][2].name == "Cy_C"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2\nAda_A\t2\nBo_B\n", "Line 3 of 'people.txt' should be a name and a number of images, but reads 'Bo_B'"),
        ("1\nAda_A\tmany\n", "Line 2 of 'people.txt'"),
        ("1\nAda_A\t0\n", "Line 2 of 'people.txt'"),
        ("Ada_A\t2\n", "Line 1 of 'people.txt' should be a count"),
        ("3\nAda_A\t2\n", "'people.txt' ends after 1 of 3 people"),
        ("1\nAda_A\t2\nBo_B\t1\n", "Line 3 of 'people.txt' should be the end of the list"),
        ("2\nAda_A\t2\nAda_A\t2\n", "Line 3 of 'people.txt' names 'Ada_A' a second time"),
        ("", "'people.txt' ends after 0 of 1 counts"),
    ],
)
def test_a_malformed_list_of_people_is_refused_with_its_line(text, told):
    with pytest.raises(DataError) as refusal:
        parse_people(text, "people.txt")
    assert str(refusal.value).startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1\nAda_A\t1\nAda_A\t1\tBo_B\t1\n", "Line 2 of 'pairs.txt' should be a name and two different numbers"),
        ("1\nAda_A\t1\t1\nAda_A\t1\tBo_B\t1\n", "Line 2 of 'pairs.txt'"),
        ("1\nAda_A\t1\t2\nAda_A\t1\tAda_A\t2\n", "Line 3 of 'pairs.txt' should be two different names"),
        ("1\nAda_A\t1\t2\nAda_A\t1\tBo_B\tx\n", "Line 3 of 'pairs.txt'"),
        ("1\nAda_A\t1\t2\n", "'pairs.txt' ends after 0 of 1 impostor pairs"),
        ("one\n", "Line 1 of 'pairs.txt' should be the number of pairs"),
        ("<html>\n", "Line 1 of 'pairs.txt'"),
        (PAIRS + "Ada_A\t1\t2\n", "Line 4 of 'pairs.txt' should be the end of the list"),
        ("", "'pairs.txt' ends after 0 of 1 counts"),
    ],
)
def test_a_malformed_list_of_pairs_is_refused_with_its_line(text, told):
    with pytest.raises(DataError) as refusal:
        parse_pairs(text, "pairs.txt")
    assert str(refusal.value).startswith(told)
