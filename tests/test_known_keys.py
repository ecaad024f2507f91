"""What a + or a ~ on the command line makes of a configuration is refused where nobody could use it."""

import pytest

from resemblance.errors import ConfigurationError
from resemblance.known_keys import check_keys
from resemblance.settings import check_settings
from tests.helpers import composed, options


def check(command, *overrides):
    config = composed(*overrides, command=command)
    choices = config.pop("choices")
    check_keys(config, choices, command)


@pytest.mark.parametrize("experiment", [None, *options("experiment")])
def test_what_is_there_may_be_said(experiment):
    check("train", *([] if experiment is None else [f"experiment={experiment}"]), "memory=xbm", "sweep=tune")


def test_the_other_commands_have_keys_of_their_own():
    check("evaluate", "data=lfw", "model=timm")
    check("compare", "logger=wandb")


@pytest.mark.parametrize(
    ("command", "override", "sentence"),
    [
        ("train", "+epoch=3", "There is no setting 'epoch'; did you mean 'epochs'?"),
        ("evaluate", "+pair=list.csv", "There is no setting 'pair'; did you mean 'pairs'?"),
        ("compare", "+run=a", "There is no setting 'run'; did you mean 'runs'?"),
        ("train", "~loss", "train.py needs loss, which ~loss has taken away"),
        ("train", "~seed", "train.py needs seed, which ~seed has taken away"),
        ("evaluate", "~logger", "evaluate.py needs logger, which ~logger has taken away"),
    ],
)
def test_what_is_not_there_may_not_and_what_is_needed_may_not_go(command, override, sentence):
    with pytest.raises(ConfigurationError, match=sentence.replace("?", r"\?")):
        check(command, override)


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("+trainer.device=2", r"There is no setting 'trainer.device'; did you mean 'trainer.devices'\?"),
        ("+batch.size=2", r"There is no setting 'batch.size'.* 'batch' has: chunk_size, identities"),
        ("~trainer.devices", "The setting 'trainer.devices' is not there"),
        ("~optimizer.lr", "The setting 'optimizer.lr' is not there"),
    ],
)
def test_sections_are_whole(override, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        check_settings(composed(override))


def test_an_optimiser_has_settings_of_its_own():
    check_settings(composed("+optimizer.amsgrad=true"))
