import itertools

import numpy as np
import pytest

from resemblance.comparison.evidence.looks import HUES, looks_of
from resemblance.comparison.study import Contestant, Study, TestSet

# Machado, Oliveira and Fernandes 2009: how colours look to the three kinds of dichromats, in linear RGB.
SIGHTS = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
GROUNDS = ("#FFFFFF", "#15181C")
"""Of the page, light and dark."""


def linear(colour):
    encoded = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """Of two colours, as the Web Content Accessibility Guidelines define it."""
    low, high = sorted(linear(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def oklab(rgb):
    """Björn Ottosson's space, in which distances are those that the eye sees."""
    rgb = np.clip(rgb, 0, 1)
    cones = np.cbrt(
        np.array([[0.41222147, 0.53633254, 0.05144599], [0.2119035, 0.68069955, 0.10739696],
                  [0.08830246, 0.28171884, 0.6299787]]) @ rgb
    )  # fmt: skip
    return np.array([[0.21045426, 0.79361779, -0.00407205], [1.9779985, -2.4285922, 0.45059371],
                     [0.02590404, 0.78277177, -0.80867577]]) @ cones  # fmt: skip


def study(*names, loss=lambda name: name.partition(" ")[0]):
    contestants = tuple(Contestant(name, loss(name), (), {}) for name in names)
    return Study("", (TestSet("set", contestants, ()),))


@pytest.mark.parametrize("ground", [0, 1])
def test_every_colour_stands_out_from_its_ground(ground):
    for hue in HUES:
        assert contrast(hue[ground], GROUNDS[ground]) >= 2.95  # 3 is what graphics need


@pytest.mark.parametrize("ground", [0, 1])
@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_colours_are_told_apart_by_every_sight(sight, ground):
    seen = [oklab(np.array(SIGHTS[sight]) @ linear(hue[ground])) for hue in HUES]
    assert min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)) > 0.08


def test_a_loss_has_one_hue_and_its_contestants_differ_without_colour():
    looks = looks_of(study("triplet (mining=hard)", "triplet (mining=semihard)", "cosface"))
    hard, semihard, cosface = (
        looks[name] for name in ("triplet (mining=hard)", "triplet (mining=semihard)", "cosface")
    )
    assert hard.light == semihard.light != cosface.light
    assert hard.dash != semihard.dash
    assert hard.symbol != semihard.symbol


def test_variants_of_one_loss_have_hues_of_their_own():
    looks = looks_of(study(*(f"triplet (margin={margin})" for margin in range(6))))
    assert len({look.light for look in looks.values()}) == 6


@pytest.mark.parametrize("number", range(1, 13))
def test_up_to_twelve_look_different_in_every_way(number):
    looks = looks_of(study(*(f"loss{place}" for place in range(number)))).values()
    assert len({(look.light, look.dash) for look in looks}) == number
    assert len({look.symbol for look in looks}) == number


def test_looks_depend_on_names_alone():
    names = ["cosface", "softmax", "triplet"]
    assert looks_of(study(*names)) == looks_of(study(*reversed(names)))


def test_a_contestant_looks_the_same_on_all_test_sets():
    one = Contestant("a", "a", (), {})
    two = Contestant("b", "b", (), {})
    sets = (TestSet("x", (two, one), ()), TestSet("y", (one,), ()))
    assert looks_of(Study("", sets)) == looks_of(study("a", "b"))
