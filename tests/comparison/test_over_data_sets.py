"""Contestants over several data sets: one name, one colour, and ranks over what are other data."""

import pytest

from resemblance.comparison.evidence.looks import looks_of
from resemblance.comparison.studying import study_of
from tests.comparison.written import AUC, write_run


def data_set(number):
    """What a data set chooses for itself, and its images."""
    return {
        "settings": {"data.seed": number, "epochs": 5 + number, "augmentation.flip": number / 10},
        "images": f"row,identity,image_id\n0,{number}a,{number}a/0\n",
    }


def merged(one, more):
    return {**one, "settings": {**one["settings"], **more}}


def contestants(study):
    return {of.name: {one.name for one in of.contestants} for of in study.test_sets}


def test_what_suits_a_data_set_makes_no_other_contestant(tmp_path):
    for number in range(5):
        for place, loss in enumerate(("cosface", "softmax", "triplet")):
            for seed in range(2):
                figures = {AUC: 0.9 - place / 10 + seed / 100}
                write_run(tmp_path / str(number) / f"{loss}{seed}", loss, seed, figures, **data_set(number))
    study = study_of(tmp_path, [AUC])
    assert set(map(frozenset, contestants(study).values())) == {
        frozenset({"cosface", "softmax", "triplet (mining=semihard)"})
    }
    assert study.ranks[0].mean_ranks["cosface"] == 1
    assert not any("not the same" in note for note in study.notes)


def test_a_configuration_has_one_name_and_one_colour_wherever_it_is_compared(tmp_path):
    """Two margins on one data set, one of them on the other."""
    for seed in range(2):
        for number, margin in ((0, 0.2), (0, 0.35), (1, 0.35)):
            more = merged(data_set(number), {"loss.margin": margin})
            write_run(tmp_path / f"{number}{margin}{seed}", "cosface", seed, {AUC: 0.9}, **more)
        write_run(tmp_path / f"b{seed}", "softmax", seed, {AUC: 0.8}, **data_set(1))
    study = study_of(tmp_path, [AUC])
    first, second = contestants(study).values()
    assert first == {"cosface (margin=0.2)", "cosface (margin=0.35)"}
    assert second == {"cosface (margin=0.35)", "softmax"}
    assert set(looks_of(study)) == first | second


def test_amounts_of_data_are_told_apart_on_the_set_that_has_several(tmp_path):
    for number, amount in ((0, 100), (0, 500), (1, 500)):
        more = merged(data_set(number), {"data.train_identities": amount})
        write_run(tmp_path / f"{number}{amount}", "cosface", 0, {AUC: 0.9}, **more)
    first, second = contestants(study_of(tmp_path, [AUC])).values()
    assert first == {"cosface (train_identities=100)", "cosface (train_identities=500)"}
    assert second == {"cosface (train_identities=500)"}


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("loss.margin", "loss.margin 0.2 (rendered_faces (seed=0)), 0.35 (rendered_faces (seed=1))"),
        ("optimizer.lr", "optimizer.lr 0.004 ("),
        ("embedding_size", "embedding_size 128 ("),
        ("evaluation.checkpoint", "evaluation.checkpoint - (rendered_faces (seed=0)), 0.35 ("),
    ],
)
def test_settings_of_its_own_that_differ_between_data_sets_are_told(tmp_path, setting, told):
    for number in range(2):
        more = merged(data_set(number), {setting: 0.35}) if number else data_set(number)
        write_run(tmp_path / str(number), "cosface", 0, {AUC: 0.9}, **more)
    (note,) = [note for note in study_of(tmp_path, [AUC]).notes if "not the same on all data sets" in note]
    assert note.startswith("cosface is not the same on all data sets: ")
    assert told in note


def test_several_protocols_on_one_list_of_images_are_no_data_sets_to_rank_over(tmp_path):
    for number in range(6):
        for place, loss in enumerate(("cosface", "softmax")):
            more = merged(data_set(min(number, 4)), {"protocol.verification.enrolled": 1 + number})
            write_run(tmp_path / f"{number}{loss}", loss, 0, {AUC: 0.9 - place / 10}, **more)
    study = study_of(tmp_path, [AUC])
    assert len(study.test_sets) == 6
    assert study.ranks == ()
    assert any("are tests on the same images, which are one data set" in note for note in study.notes)
