"""What a design can show is told for what a comparison is going to compare."""

from itertools import product

from resemblance.comparison.resolution import design
from resemblance.studies.announcing import design_told


class Written:
    """Configurations as a mapping of what is said; the data set decides the test set."""

    here = True

    def configured(self, overrides):
        said = dict(override.split("=") for override in overrides)
        data = {"_target_": f"resemblance.data.{said.get('data', 'faces')}", "train_identities": said.get("size", 1)}
        return {"seed": int(said.get("seed", 0)), "data": data, "protocol": {}}, {"loss": said.get("loss", "cosface")}


def told(**values: tuple[object, ...]) -> str | None:
    rows = product(*values.values())
    return design_told(Written(), [[f"{key}={value}" for key, value in zip(values, row, strict=True)] for row in rows])


def test_losses_on_one_test_set():
    assert told(loss=("a", "b", "c"), seed=(1, 2)) == str(design(3, 2))


def test_other_test_sets_are_other_comparisons():
    assert told(loss=("a", "b"), data=("lfw", "orl", "faces"), seed=(1, 2, 3)) == f"On 3 test sets: {design(2, 3)}"


def test_sizes_of_the_training_set_are_compared_with_each_other():
    assert told(loss=("a", "b"), size=(100, 200), seed=(1, 2, 3)) == design(4, 3).told("contestant")


def test_seeds_count_that_all_have():
    jobs = [["loss=a", f"seed={seed}"] for seed in (1, 2, 3)] + [["loss=b", f"seed={seed}"] for seed in (2, 3, 3, 4)]
    assert design_told(Written(), jobs) == str(design(2, 2))


def test_one_loss_compares_nothing():
    assert told(loss=("a",), seed=(1, 2)) is None


def test_one_seed_shows_no_difference():
    assert told(loss=("a", "b"), seed=(1,)) == (
        "no difference, with 1 seed that all have; two are the fewest, seed=0,1."
    )
