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
