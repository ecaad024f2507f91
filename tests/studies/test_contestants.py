"""What contestants are called."""

from resemblance.studies.contestants import contestants


class Written:
    """Configurations whose loss is the one that is said, or an experiment's."""

    here = True

    def configured(self, overrides):
        said = dict(override.split("=") for override in overrides)
        return {}, {"loss": said.get("loss", {"mine": "triplet"}.get(said.get("experiment"), "cosface"))}


def names(*jobs):
    return contestants(Written(), [job.split() for job in jobs])


def test_a_loss_is_a_name_and_a_seed_is_none():
    assert names("loss=cosface seed=1", "loss=cosface seed=2", "loss=triplet seed=1") == [
        "cosface",
        "cosface",
        "triplet",
    ]
    assert names("++seed=1", "++seed=2") == ["cosface", "cosface"]


def test_every_name_begins_with_a_loss_whoever_has_chosen_it():
    assert names("loss=triplet epochs=1", "loss=triplet epochs=2") == ["triplet epochs=1", "triplet epochs=2"]
    assert names("experiment=mine", "experiment=yours") == ["triplet experiment=mine", "cosface experiment=yours"]


def test_a_setting_is_the_same_however_it_is_set():
    assert names("++epochs=1 seed=1", "epochs=1 seed=1") == ["cosface", "cosface"]
