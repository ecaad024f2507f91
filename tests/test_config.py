"""A configuration is refused early, in one sentence, and can name nothing but parts of ours."""

import re

import pytest

from resemblance import parts
from resemblance.config import build, check, locate, to_plain, unknown_key
from resemblance.errors import ConfigurationError
from resemblance.results import Result, Scalar
from resemblance.settings import check_settings
from resemblance.trainers import check_selection, check_trainer
from tests.helpers import composed


@pytest.mark.parametrize("target", ["os.system", "builtins.eval", "subprocess.run", "resemblanceevil.X", "torch.load"])
def test_a_target_outside_the_allowed_packages_is_refused(target):
    with pytest.raises(ConfigurationError, match="can't be built from a configuration"):
        build("loss", {"_target_": target})


@pytest.mark.parametrize(
    "target",
    ["resemblance.losses.NoSuchLoss", "resemblance.nosuch.Loss", "resemblance.config.importlib", "torch.optim.lr"],
)
def test_a_target_that_is_not_a_part_is_refused(target):
    with pytest.raises(ConfigurationError):
        locate(target)


@pytest.mark.parametrize("target", ["resemblance.config.importlib.import_module", "resemblance.checkpoints.torch.load"])
def test_a_target_can_not_reach_through_a_module_to_another(target):
    with pytest.raises(ConfigurationError):
        build("loss", {"_target_": target, "name": "os"})


def test_an_argument_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(ConfigurationError, match=r"no setting 'loss.margn'; did you mean 'loss.margin'\?.*mining"):
        check("loss", {"_target_": "resemblance.losses.TripletLoss", "margn": 0.2, "margin": 0.2, "mining": "all"})


def test_what_the_framework_hands_over_can_not_be_configured():
    with pytest.raises(ConfigurationError, match="no setting 'loss.num_identities'"):
        check("loss", {"_target_": "resemblance.losses.CosFaceLoss", "num_identities": 3})


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("loss.margin=abc", r"^loss.margin is 'abc', but should be a valid number.*\.$"),
        ("loss.scale=-1", "scale"),
        ("loss.margin=-0.1", "margin"),
        ("neck.dropout=2", "dropout"),
        ("data.pose_range=1000", "pose_range"),
        ("augmentation.flip=7", "flip"),
        ("augmentation.shift=64", "augmentation.shift=64 moves images of 64 × 64 pixels out of sight"),
        ("optimizer.lr=-1", "optimiser refuses .* learning rate: -1"),
        ("scheduler.warmup_share=3", "warmup_share"),
        ("protocol.verification.fars=[2]", "far"),
    ],
)
def test_a_value_that_can_not_work_is_refused_before_any_data_is_touched(override, sentence):
    overrides = [override, "neck=bn"] if override.startswith("neck") else [override]
    with pytest.raises(ConfigurationError, match=sentence) as refusal:
        parts.check_parts(to_plain(composed(*overrides)))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("epochs=0", "epochs is 0, but should be greater than 0."),
        ("seed=abc", "seed is 'abc', but should be a valid integer"),
        ("seed=-1", "seed is -1, but should be greater than or equal to 0."),
        ("embedding_size=1.5", "embedding_size is 1.5, but should be a valid integer"),
        ("batch.identities=0", "batch.identities is 0, but should be greater than 0."),
        ("evaluation.batch_size=0", "evaluation.batch_size is 0"),
        ("evaluation.flip_average=often", "evaluation.flip_average is 'often'"),
        ("selection.rule=first", "selection.rule is 'first', but should be 'best' or 'last'."),
        ("trainer.precision=7", "trainer.precision is 7, but should be 'auto'"),
        ("trainer.limit_batches=0", "trainer.limit_batches is 0"),
        ("trainer.accelerator=tpu", "trainer.accelerator is 'tpu', but should be 'auto', 'cpu', 'gpu' or 'mps'."),
        ("optimizer.loss_lr_scale=-1", "optimizer.loss_lr_scale is -1"),
    ],
)
def test_a_setting_of_the_wrong_type_or_range_is_refused_by_name(override, sentence):
    with pytest.raises(ConfigurationError, match=f"^{re.escape(sentence)}"):
        check_settings(to_plain(composed(override)))


@pytest.mark.parametrize("metric", ["val/verification/aucc", "train/loss", "test/verification/auc"])
def test_a_checkpoint_is_chosen_by_a_figure_of_the_validation_identities(metric):
    config = to_plain(composed(f"selection.metric={metric}"))
    with pytest.raises(ConfigurationError, match=f"one of .*val/verification/auc.*, not '{metric}'"):
        check_trainer(config, parts.validation_keys(config))


@pytest.mark.parametrize("loss", ["triplet", "cosine_triplet", "contrastive", "angular"])
def test_a_pair_loss_needs_two_images_of_an_identity(loss):
    with pytest.raises(ConfigurationError, match=f"loss={loss} .* batch.images_per_identity=2"):
        parts.check_parts(to_plain(composed(f"loss={loss}", "batch.images_per_identity=1")))


@pytest.mark.parametrize("loss", ["triplet", "contrastive", "n_pair", "deep_speaker"])
def test_a_loss_that_compares_identities_needs_two_of_them(loss):
    words = (f"loss={loss}", "batch.images_per_identity=4")
    with pytest.raises(ConfigurationError, match=rf"loss={loss} .* batch.identities=2 or more, not 1\.$"):
        parts.check_parts(to_plain(composed(*words, "batch.identities=1")))
    parts.check_parts(to_plain(composed(*words, "batch.identities=2")))
    # Of shuffled images a batch holds as many identities as come.
    parts.check_parts(to_plain(composed(*words, "batch.identities=1", "sampler=shuffled")))


def test_each_process_needs_two_identities_where_it_compares_its_own_alone():
    words = ("trainer.devices=4", "trainer.accelerator=cpu", "trainer.gather=false")
    with pytest.raises(ConfigurationError, match=r"batch.identities=8 or more on trainer.devices=4 .*, not 4\.$"):
        parts.check_parts(to_plain(composed("loss=triplet", *words, "batch.identities=4")))
    parts.check_parts(to_plain(composed("loss=triplet", *words, "batch.identities=8")))
    parts.check_parts(to_plain(composed("loss=triplet", *words[:2], "batch.identities=4")))
    parts.check_parts(to_plain(composed("loss=cosface", *words, "batch.identities=4")))


@pytest.mark.parametrize("devices", [1, 2])
def test_batch_normalisation_needs_two_images_on_each_device(devices):
    words = ("trainer.accelerator=cpu", f"trainer.devices={devices}", "batch.images_per_identity=1")
    with pytest.raises(ConfigurationError, match=rf"neck=bn .* not batch.identities={devices} with .*; raise one of"):
        parts.check_parts(to_plain(composed(*words, f"batch.identities={devices}")))
    parts.check_parts(to_plain(composed(*words, f"batch.identities={devices}", "neck=linear")))
    parts.check_parts(to_plain(composed(*words, f"batch.identities={2 * devices}")))


def test_a_margin_that_no_batch_of_identities_can_have_is_refused():
    with pytest.raises(ConfigurationError, match=r"CosFaceLoss needs margin .* at most 1\.03"):
        parts.check_parts(to_plain(composed("loss.margin=1.5")))
    parts.check_parts(to_plain(composed("loss.margin=1.03")))


def test_mining_names_are_listed():
    with pytest.raises(ConfigurationError, match=r"loss.mining.*semihard.*hard.*all"):
        parts.check_parts(to_plain(composed("loss=triplet", "loss.mining=hardest")))


def test_a_reference_to_nothing_is_one_sentence():
    config = composed()
    config.epochs = "${nothing.here}"
    with pytest.raises(ConfigurationError, match="epochs"):
        to_plain(config)


def test_a_pair_list_protocol_needs_data_with_pairs():
    config = to_plain(composed("protocol=lfw_view1"))
    with pytest.raises(ConfigurationError, match=r"protocol=lfw_view1 .* data=rendered_faces has none"):
        parts.check_lists(config, parts.build_source(config))


def test_a_breakdown_by_a_column_that_the_data_lack_is_found_before_they_are_read():
    config = to_plain(composed("protocol=breakdown", "protocol.breakdown.columns=[yaw,yaww]"))
    with pytest.raises(ConfigurationError, match=r"protocol.breakdown.columns names 'yaww', .* they have: .*\byaw\b"):
        parts.check_metadata(config, parts.build_source(config))


def test_fixed_episodes_need_data_that_has_them():
    config = to_plain(composed("+protocol.runs._target_=resemblance.protocols.FixedEpisodes"))
    with pytest.raises(ConfigurationError, match=r"a list of one-shot episodes, and data=rendered_faces has none"):
        parts.check_lists(config, parts.build_source(config))


def test_the_sentence_for_an_unknown_key_at_the_top():
    assert unknown_key("epoch", ["epochs", "seed"]) == (
        "There is no setting 'epoch'; did you mean 'epochs'? There are: epochs, seed."
    )


def test_a_figure_that_the_validation_identities_do_not_support_chooses_no_checkpoint():
    found = Result({"verification/auc": Scalar(0.9, "AUC")})
    check_selection("val/verification/auc", found)
    with pytest.raises(ConfigurationError, match=r"too few to measure val/open_set/tpir_at_fpir_1e_3; take .*/auc"):
        check_selection("val/open_set/tpir_at_fpir_1e_3", found)
