import pytest

from resemblance.comparison.reading import read_run
from resemblance.comparison.test_sets import by_test_set
from tests.comparison.written import write_run

LFW = {"data._target_": "resemblance.data.lfw.LFW"}


@pytest.fixture
def sets(tmp_path):
    """A function from keyword arguments of some runs to the test sets that they make."""
    numbers = iter(range(1000))

    def found(*many):
        runs = [read_run(write_run(tmp_path / f"{next(numbers):03d}", **more)) for more in many]
        return {name: len(members) for name, members in by_test_set(runs).items()}

    return found


def test_one_list_of_images_and_one_protocol_are_one_set(sets):
    assert sets({"seed": 0}, {"seed": 1}, {"loss": "softmax"}) == {"rendered_faces": 3}


@pytest.mark.parametrize(
    "settings",
    [
        {"data.train_identities": 100},
        {"data.label_noise": 0.1},
        {"data.cache_dir": "/elsewhere"},
        {"data.image_size": 112},
        {"protocol.verification.fars": [0.01]},
        {"protocol.hardest.count": 3},
    ],
)
def test_what_leaves_the_test_people_alone(sets, settings):
    assert sets({}, {"settings": settings}) == {"rendered_faces": 2}


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"data.seed": 1}, {"rendered_faces (seed=0)", "rendered_faces (seed=1)"}),
        ({"data.test_identities": 50}, {"rendered_faces (test_identities=100)", "rendered_faces (test_identities=50)"}),
        (
            {"protocol.verification.enrolled": 2},
            {"rendered_faces", "rendered_faces (protocol.verification.enrolled=2)"},
        ),
    ],
)
def test_pictures_with_the_same_names_can_be_others(sets, settings, names):
    assert set(sets({}, {"settings": settings})) == names


def test_other_people_under_the_same_settings(sets):
    found = sets({}, {"images": "row,identity,image_id\n0,c,c/0\n"})
    assert len(found) == 2
    assert all(name.startswith("rendered_faces (images ") for name in found)


def test_the_seed_of_a_data_set_of_photographs_draws_validation_people(sets):
    one, other = {**LFW, "data.seed": 0}, {**LFW, "data.seed": 1}
    lfw = {"data": "lfw"}
    assert sets({"settings": one, "choices": lfw}, {"settings": other, "choices": lfw}) == {"lfw": 2}


def test_published_images_of_lfw_are_another_set_and_an_older_run_has_seen_aligned_ones(sets):
    many = [{}, {"data.images": None}, {"data.images": "aligned"}, {"data.images": "published"}]
    found = sets(*({"settings": {**LFW, **images}, "choices": {"data": "lfw"}} for images in many))
    assert found == {"lfw (images=aligned)": 3, "lfw (images=published)": 1}


def given(pairs, content):
    return {"settings": {"pairs": pairs}, "record": {"given": {"pairs": content}}}


def test_files_of_the_users_are_part_of_the_test_set(sets):
    easy, hard = given("a/easy.csv", "3f2a" * 16), given("a/hard.csv", "77e1" * 16)
    assert sets(easy, hard) == {
        "rendered_faces (pairs=easy.csv 3f2a3f)": 1,
        "rendered_faces (pairs=hard.csv 77e177)": 1,
    }


def test_what_is_in_a_file_counts_and_not_where_it_lies(sets):
    one, moved, edited = (given(f"{place}/list.csv", mark * 64) for place, mark in ("ax", "bx", "ay"))
    assert sets(one, moved, edited) == {
        "rendered_faces (pairs=list.csv xxxxxx)": 2,
        "rendered_faces (pairs=list.csv yyyyyy)": 1,
    }


@pytest.mark.parametrize("name", ["pairs", "templates", "distractors"])
def test_a_run_that_does_not_know_what_was_in_its_files_is_known_by_their_names(sets, name):
    one, other = ({"settings": {name: f"{place}/list.csv"}} for place in "ab")
    assert sets(one, one, other, {}) == {
        f"rendered_faces ({name}=a/list.csv)": 2,
        f"rendered_faces ({name}=b/list.csv)": 1,
        "rendered_faces": 1,
    }


def test_what_networks_were_allowed_to_know_makes_no_other_test_set(sets):
    known = {"settings": {"protocol.pairs": {"fars": [0.01], "category": "labelled outside data"}}}
    unknown = {"settings": {"protocol.pairs": {"fars": [0.01], "category": None}}}
    assert sets(known, unknown) == {"rendered_faces": 2}
