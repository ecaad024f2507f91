import pytest

from resemblance.comparison.contestants import gathered
from resemblance.comparison.reading import read_run
from tests.comparison.written import AUC, write_run


@pytest.fixture
def write(tmp_path):
    """A function that writes runs and gives back what is read, in the order of the calls."""
    numbers = iter(range(1000))

    def written(*arguments, **more):
        return read_run(write_run(tmp_path / f"{next(numbers):03d}", *arguments, **more))

    return written


def names(field):
    return [one.name for one in field.contestants]


def test_runs_of_one_configuration_are_one_contestant(write):
    field = gathered([write(loss, seed) for loss in ("cosface", "softmax") for seed in (2, 0, 1)])
    assert names(field) == ["cosface", "softmax"]
    assert field.seeds == (0, 1, 2)
    assert all(one.seeds == (0, 1, 2) for one in field.contestants)
    assert field.told == ()


def test_where_a_run_goes_and_what_was_asked_of_a_protocol_make_no_contestant(write):
    runs = [
        write(seed=0, settings={"output_dir": "a", "data.cache_dir": "b", "protocol.verification.fars": [0.01]}),
        write(seed=1, settings={"output_dir": "c", "group": "d"}),
    ]
    assert len(gathered(runs).contestants) == 1


@pytest.mark.parametrize(
    ("loss", "settings", "name"),
    [
        ("triplet", {}, "triplet (mining=semihard)"),
        ("triplet", {"loss.mining": "hard"}, "triplet (mining=hard)"),
        ("batch_hard", {}, "batch_hard"),
        ("cosface", {}, "cosface"),
    ],
)
def test_a_row_of_triplets_always_names_its_miner(write, loss, settings, name):
    assert name in names(gathered([write(loss, settings=settings), write("softmax")]))


def test_names_say_what_differs_among_contestants_with_one_loss(write):
    field = gathered(
        [
            write("cosface"),
            write("cosface", settings={"loss.margin": 0.35}),
            write("cosface", settings={"optimizer.lr": 0.001}),
            write("triplet", settings={"optimizer.lr": 0.002}),
        ]
    )
    assert names(field) == [
        "cosface (margin=0.2, optimizer.lr=0.001)",
        "cosface (margin=0.2, optimizer.lr=0.004)",
        "cosface (margin=0.35, optimizer.lr=0.004)",
        "triplet (mining=semihard)",
    ]
    settings = {one.name: one.settings for one in field.contestants}
    assert settings["triplet (mining=semihard)"]["optimizer.lr"] == 0.002
    assert settings["triplet (mining=semihard)"]["loss"] == "triplet"


def test_options_of_groups_stand_for_their_settings(write):
    other = {"backbone._target_": "resemblance.models.ResNet", "backbone.widths": [64]}
    field = gathered([write(), write(settings=other, choices={"backbone": "resnet18"})])
    assert names(field) == ["cosface (backbone=resnet18)", "cosface (backbone=tiny)"]


def test_amounts_of_training_data_are_contestants(write):
    field = gathered([write(settings={"data.train_identities": number}) for number in (100, 500)])
    assert names(field) == ["cosface (train_identities=100)", "cosface (train_identities=500)"]


def test_the_first_by_path_counts_of_two_with_one_configuration_and_seed(write):
    runs = [write(seed=0), write(seed=1), write(seed=1), write(seed=0, figures={AUC: 0.5})]
    field = gathered(runs)
    (one,) = field.contestants
    assert [run.path for run in one.runs] == [runs[0].path, runs[1].path]
    assert len(field.told) == 2
    assert "the same figures" in field.told[0]
    assert "other figures" in field.told[1]


def test_two_runs_with_one_name_are_told_apart_by_their_settings(write):
    runs = [write(settings={"name": "mine"}), write(settings={"name": "mine", "loss.margin": 0.3})]
    field = gathered(runs)
    assert len(field.contestants) == 2
    (told,) = field.told
    assert "2 runs are called 'mine'" in told
    assert str(runs[1].path) in told


def test_only_common_seeds_are_compared(write):
    runs = [write("cosface", seed) for seed in range(4)] + [write("softmax", seed) for seed in (1, 2, 7)]
    field = gathered(runs)
    assert field.seeds == (1, 2)
    assert all([run.seed for run in one.runs] == [1, 2] for one in field.contestants)
    (told,) = field.told
    assert "(seeds 1, 2)" in told
    assert "cosface: seeds 0, 3" in told
    assert "softmax: seed 7" in told


def test_who_shares_too_few_seeds_is_set_aside_for_the_others(write):
    runs = [write(loss, seed) for loss in ("cosface", "softmax", "triplet") for seed in range(3)]
    field = gathered([*runs, write("batch_hard", 0)])
    assert names(field) == ["cosface", "softmax", "triplet (mining=semihard)"]
    assert field.seeds == (0, 1, 2)
    assert field.told == (
        "batch_hard is set aside: with its seed 0 alone, too few seeds would be shared to compare the others by.",
    )


def test_a_single_seed_of_everybody_is_compared_as_it_is(write):
    field = gathered([write(loss, 0) for loss in ("cosface", "softmax", "triplet")] + [write("cosface", 1)])
    assert len(field.contestants) == 3
    assert field.seeds == (0,)


def test_no_seed_in_common(write):
    field = gathered([write("cosface", 0), write("softmax", 1)])
    assert names(field) == ["cosface"]
    assert field.seeds == (0,)
    assert any("softmax is set aside" in told for told in field.told)


def test_a_miner_is_not_said_twice_unless_rows_differ_in_it(write):
    hard = {"choices": {"loss": "triplet_hard"}, "settings": {"loss.mining": "hard"}}
    semihard = {"choices": {"loss": "triplet_hard"}, "settings": {"loss.mining": "semihard"}}
    assert names(gathered([write("triplet", **hard), write("softmax")])) == ["softmax", "triplet_hard"]
    both = gathered([write("triplet", **hard), write("triplet", **semihard)])
    assert names(both) == ["triplet_hard (mining=hard)", "triplet_hard (mining=semihard)"]
