import pytest

from resemblance.comparison.comparable import differences
from resemblance.comparison.contestants import gathered
from resemblance.comparison.reading import read_run
from resemblance.comparison.studying import study_of
from tests.comparison.written import write_run


@pytest.fixture
def warnings(tmp_path):
    """What is said of cosface, triplet and softmax, where softmax is as the keywords have it."""

    def found(tuning=None, loss="softmax", **more):
        runs = [read_run(write_run(tmp_path / name, name, 0)) for name in ("cosface", "triplet")]
        runs.append(read_run(write_run(tmp_path / "other", loss, 0, **more)))
        return differences(gathered(runs).contestants, tuning)

    return found


def test_losses_that_differ_in_nothing_else_are_comparable(warnings):
    assert warnings() == []


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"data.train_identities": 100}, "data differs: train_identities=500 (cosface, triplet (mining=semihard)); "),
        ({"backbone.widths": [64]}, "backbone differs: widths=[16,48]"),
        ({"neck.dropout": 0.5}, "neck differs: dropout=0 "),
        ({"embedding_size": 64}, "embedding size differs: 128 (cosface, "),
        ({"sampler.identities_per_batch": 64}, "sampler differs: "),
        ({"batch.identities": 64}, "batch differs: identities=32 "),
        ({"epochs": 3}, "epochs differs: "),
        ({"augmentation.flip": 0.5}, "augmentation differs: flip=- (cosface"),
        ({"optimizer.lr": 0.01}, "optimizer differs: lr=0.004 (cosface, triplet (mining=semihard)); lr=0.01 (softmax)"),
        ({"selection.rule": "last"}, "selection of the checkpoint differs: rule=best"),
        ({"evaluation.flip_average": False}, "evaluation differs: flip_average=true"),
        ({"trainer.devices": 2}, "trainer differs: devices=1"),
    ],
)
def test_every_other_setting_is_told_with_what_differs(warnings, settings, told):
    (sentence,) = warnings(settings=settings)
    assert sentence.startswith(told)
    assert sentence.endswith(".")


def test_what_changes_no_figure_is_not_told(warnings):
    assert warnings(settings={"evaluation.batch_size": 16, "trainer.accelerator": "cpu", "output_dir": "x"}) == []


def test_options_of_groups_are_called_by_their_names(warnings):
    other = {"backbone._target_": "resemblance.models.ResNet", "backbone.widths": None}
    (sentence,) = warnings(settings=other, choices={"backbone": "resnet18"})
    assert sentence == "backbone differs: tiny (cosface, triplet (mining=semihard)); resnet18 (softmax)."


def test_options_that_mean_several_things_are_told_by_their_settings(tmp_path):
    """Two options and two values, but not the same groups: an option's file was edited between two runs."""
    about = {"cosface": ("x", 1), "softmax": ("x", 2), "triplet": ("y", 2)}
    for loss, (option, width) in about.items():
        write_run(tmp_path / loss, loss, settings={"backbone.widths": width}, choices={"backbone": option})
    runs = [read_run(tmp_path / loss) for loss in about]
    (sentence,) = differences(gathered(runs).contestants)
    assert sentence == "backbone differs: widths=1 (cosface); widths=2 (softmax, triplet (mining=semihard))."


def test_what_networks_were_allowed_to_know(tmp_path):
    for loss, category in (("cosface", None), ("softmax", "labelled outside data")):
        label = {"label": f"10-fold accuracy (View 2{f', {category}' if category else ''})"}
        accuracy = {"test/pairs/ten_fold_accuracy": {"value": 0.9, **label}}
        write_run(tmp_path / loss, loss, settings={"protocol.pairs": {"category": category}}, scalars=accuracy)
    runs = [read_run(tmp_path / loss) for loss in ("cosface", "softmax")]
    assert differences(gathered(runs).contestants) == [
        "what networks were allowed to know by the rules of the pairs differs: not said (cosface); labelled outside "
        "data (softmax)."
    ]
    (test_set,) = study_of(tmp_path, ["ten_fold_accuracy"]).test_sets
    assert test_set.findings[0].label == "10-fold accuracy"


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"code": "fedcba"}, "code version differs: 0123456789ab (cosface, triplet (mining=semihard)); fedcba"),
        ({"code": None}, "code version differs: "),
        ({"version": "0.2.0"}, "package version differs: "),
        ({"software": {"torch": "2.15"}}, "software differs: torch 2.14 "),
        ({"device": "NVIDIA H100"}, "device differs: cpu "),
        ({"threads": 2}, "threads of a process differ: 1 "),
    ],
)
def test_code_software_and_machine(warnings, record, told):
    (sentence,) = warnings(record=record)
    assert sentence.startswith(told)


def test_code_that_was_not_committed(warnings):
    assert any("uncommitted changes ran (abc+changes)" in told for told in warnings(record={"code": "abc+changes"}))


def test_images_seen(warnings):
    (sentence,) = warnings(scalars={"train/images": {"value": 20_000}})
    assert sentence == "training images seen differ: 54,000 (cosface, triplet (mining=semihard)); 20,000 (softmax)."


def test_a_last_batch_more_or_less_is_one_budget(warnings):
    assert warnings(scalars={"train/images": {"value": 53_900}}) == []


def test_rehearsals_and_collapse(warnings):
    found = warnings(settings={"rehearsal": True}, scalars={"train/collapsed": {"value": 1}})
    assert "1 of 3 runs is a rehearsal (trainer=smoke): such figures mean nothing." in found
    assert any(told.startswith("softmax collapsed with seed 0") for told in found)


def spent(**best):
    return {"trials": 8, "epochs": 4, "metric": "val/verification/auc", "seconds": 9, "best": best, "values": []}


def test_settings_that_were_searched_for_may_differ(warnings):
    tuning = {name: spent() for name in ("cosface", "triplet")} | {"softmax": spent(**{"optimizer.lr": 0.01})}
    assert warnings(tuning, settings={"optimizer.lr": 0.01}) == []


LR = "optimizer.lr"


@pytest.mark.parametrize(
    "tuning",
    [
        {"softmax": spent(**{LR: 0.01})},
        {"cosface": spent(), "softmax": spent(**{LR: 0.01})},
        {name: spent() for name in ("cosface", "triplet")} | {"softmax": {**spent(**{LR: 0.01}), "trials": 80}},
        {
            "cosface": {**spent(), "searched": ("loss.margin",)},
            "triplet": {**spent(), "searched": (LR,)},
            "softmax": {**spent(**{LR: 0.01}), "searched": (LR,)},
        },
    ],
    ids=["only one was tuned", "one was not", "one had ten times the trials", "one has not searched for it"],
)
def test_settings_that_not_all_have_searched_for_with_equal_budgets_are_told(warnings, tuning):
    told = warnings(tuning, settings={LR: 0.01})
    assert "optimizer differs: lr=0.004 (cosface, triplet (mining=semihard)); lr=0.01 (softmax)." in told


def test_a_setting_that_nobody_has_searched_for_is_told_however_much_was_tuned(warnings):
    tuning = {name: spent(**{LR: 0.01}) for name in ("cosface", "triplet", "softmax")}
    assert any(told.startswith("epochs differs") for told in warnings(tuning, settings={"epochs": 3}))


def test_unequal_budgets_of_tuning(warnings):
    (sentence,) = warnings({"cosface": spent(), "triplet": {**spent(), "trials": 1}})
    assert sentence == (
        "tuning budget differs: 8 trials of 4 epochs (cosface); not tuned (softmax); 1 trial of 4 epochs "
        "(triplet (mining=semihard))."
    )
