from resemblance.tracking.run_names import evaluation_names, run_names

CHOICES = {
    "data": "rendered_faces",
    "backbone": "tiny",
    "loss": "cosface",
    "neck": "bn",
    "logger": "wandb",
    "protocol": "faces",
}


def test_defaults_are_named_by_data_backbone_and_loss() -> None:
    assert run_names(CHOICES, [], 0) == ("rendered_faces-tiny-cosface", "rendered_faces-tiny-cosface-seed0")


def test_the_group_is_the_same_for_all_seeds() -> None:
    groups = {run_names(CHOICES, [f"seed={seed}", "loss=cosface"], seed)[0] for seed in range(3)}
    assert groups == {"rendered_faces-tiny-cosface"}


def test_changes_are_named_whatever_their_order() -> None:
    group, _ = run_names(CHOICES, ["loss.margin=0.3", "neck=bn", "optimizer.lr=1e-3"], 0)
    assert group == "rendered_faces-tiny-cosface-margin=0.3-bn-optimizer.lr=1e-3"
    assert run_names(CHOICES, ["optimizer.lr=1e-3", "neck=bn", "loss.margin=0.3"], 0)[0] == group


def test_places_and_loggers_say_nothing() -> None:
    overrides = ["output_dir=/tmp/x", "logger=none", "logger.mode=online", "data.root=/data/lfw", "+hydra.x=1"]
    assert run_names(CHOICES, overrides, 0)[0] == "rendered_faces-tiny-cosface"


def test_the_same_setting_of_two_groups_is_told_apart() -> None:
    assert run_names(CHOICES, ["loss.scale=2"], 0) != run_names(CHOICES, ["augmentation.scale=2"], 0)


def test_names_have_only_characters_that_are_safe_in_paths_and_stay_short_and_different() -> None:
    group, _ = run_names(CHOICES, ["backbone.widths=[32,64 , 128]"], 0)
    assert group == "rendered_faces-tiny-cosface-backbone.widths=32_64_128"
    long = [run_names(CHOICES, [f"loss.{'x' * 200}={value}"], 0) for value in (1, 2)]
    assert long[0] != long[1]
    assert all(len(name) <= 128 for names in long for name in names)


def test_evaluations_are_told_apart_by_whatever_changes_their_figures() -> None:
    of = ["model=timm", "model.name=resnet18"]
    changes = (
        "evaluation.flip_average=true",
        "evaluation.flip_average=false",
        "model.weights=a.pth",
        "model.weights=folder/b.pth",
        "model.image_size=112",
        "model.image_size=224",
        "model.channels=bgr",
    )
    names = {evaluation_names("g", "resnet18", [*of, change]) for change in changes}
    assert len(names) == len(changes)
    plain = ("resnet18", "resnet18")
    assert evaluation_names(*plain, [*of, "evaluation.batch_size=7", "device=cpu", "checkpoint=runs/x"]) == plain
