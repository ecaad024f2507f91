import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import QuotedString
from omegaconf import OmegaConf

from resemblance.config import to_plain
from resemblance.errors import ConfigurationError
from resemblance.studies.space import Choice, Interval, as_override, read_space, search_space
from tests.helpers import composed, options


def test_hydras_words_are_understood(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(
        "loss.margin: interval(0.05, 0.5)\nloss.scale: tag(log, interval(8, 64))\nloss.k: int(interval(1, 9))\n"
        "loss.mining: choice(all, hard)\nloss.normalized: choice(true, false)\n"
        "loss.p: choice(null, 0.5)\nloss.n: tag(log, int(interval(1, 9)))\nloss.f: float(interval(1, 9))\n"
        "loss.w: choice('in two words', 'null')\n"
    )
    assert read_space(path) == {
        "loss.margin": Interval(0.05, 0.5),
        "loss.scale": Interval(8, 64, log=True),
        "loss.k": Interval(1, 9, whole=True),
        "loss.mining": Choice(("all", "hard")),
        "loss.normalized": Choice((True, False)),
        "loss.p": Choice((None, 0.5)),
        "loss.n": Interval(1, 9, log=True, whole=True),
        "loss.f": Interval(1, 9),
        "loss.w": Choice(("in two words", "null")),
    }


@pytest.mark.parametrize(
    "text",
    [
        "loss.margin: 0.3",
        "loss.margin: interval(0.5, 0.1)",
        "loss.margin: interval(",
        "loss.margin: choice(1)",
        "",
        "- a",
    ]
    + ["loss.scale: tag(log, interval(0, 1))"],
)
def test_what_is_no_space_is_refused_with_its_file(tmp_path, text):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="x.yaml"):
        read_space(path)


def test_a_loss_without_a_space_is_told_how_to_write_one():
    with pytest.raises(ConfigurationError, match="write conf/loss/search_space/nothing.yaml"):
        search_space("nothing")


@pytest.mark.parametrize(
    "value",
    [None, True, False, 3, -1, 0.1, 1e-05, 1e30]
    + ["soft", "null", "True", "nan", "in two words", "it's", "a,b", "[1]", "", "0.5"],
)
def test_a_value_comes_back_from_hydra_as_it_was(value):
    parsed = OverridesParser.create().parse_override(as_override("loss.margin", value)).value()
    assert (parsed.text if isinstance(parsed, QuotedString) else parsed) == value
    assert isinstance(parsed, QuotedString) or type(parsed) is type(value)


@pytest.mark.parametrize("loss", options("loss"))
def test_every_loss_has_a_space_whose_ends_its_settings_accept(loss):
    from resemblance import parts

    space = search_space(loss)
    assert "optimizer.lr" in space
    config = composed(f"loss={loss}")
    for pick in (0, -1):
        for setting, part in space.items():
            end = (part.options if isinstance(part, Choice) else (part.low, part.high))[pick]
            OmegaConf.update(config, setting, end)
        parts.check_parts(to_plain(config))
