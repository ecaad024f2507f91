"""The renderer: the same bytes for the same factors, and factors that mean what they say."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch import Tensor

from resemblance.data.rendered.face import nose_frame
from resemblance.data.rendered.head import make_view, meet_head
from resemblance.data.rendered.identity import IdentityFactors, draw_identities
from resemblance.data.rendered.nuisance import NuisanceFactors, draw_nuisances
from resemblance.data.rendered.renderer import RENDERER_VERSION, render


def rows(people: list[int], each: int) -> tuple[np.ndarray, np.ndarray]:
    """Identity and image number of ``each`` images of these people."""
    return np.repeat(np.array(people, dtype=np.int64), each), np.tile(np.arange(each, dtype=np.int64), len(people))


def pictures(people: list[int], each: int, size: int = 64, chunk: int = 64, seed: int = 0) -> Tensor:
    identities, images = rows(people, each)
    return render(draw_identities(seed, identities), draw_nuisances(seed, identities, images), size, chunk=chunk)


@pytest.mark.parametrize("size", [32, 50, 64])
def test_images_are_bytes_of_the_asked_shape_with_content(size: int) -> None:
    images = pictures([3, 4], 4, size)
    assert images.dtype == torch.uint8
    assert images.shape == (8, 3, size, size)
    assert (images.float().std(dim=(1, 2, 3)) > 8).all()


def test_drawing_twice_gives_the_same_bytes() -> None:
    assert torch.equal(pictures([0, 7], 5), pictures([0, 7], 5))


@pytest.mark.parametrize("chunk", [1, 3, 7, 32])
def test_the_chunk_size_changes_nothing(chunk: int) -> None:
    assert torch.equal(pictures(list(range(6)), 4, chunk=chunk), pictures(list(range(6)), 4, chunk=24))


def test_an_image_does_not_depend_on_its_neighbours() -> None:
    assert torch.equal(pictures([2, 9, 5], 6)[6:12], pictures([9], 6))


def test_another_seed_draws_other_people_in_other_circumstances() -> None:
    assert (pictures([0], 2, seed=0) != pictures([0], 2, seed=1)).float().mean() > 0.5


def test_many_images_hold_no_undefined_number() -> None:
    """A NaN becomes 0 in the bytes, so the planes before them are looked at, at the ends of all ranges."""
    generator = torch.Generator().manual_seed(0)
    ends = []
    for table in (IdentityFactors, NuisanceFactors):
        low = torch.tensor([prior.low for prior in table.priors().values()])
        high = torch.tensor([prior.high for prior in table.priors().values()])
        pick = torch.rand(64, len(low), generator=generator) < 0.5
        ends.append(table.unstack(torch.where(pick, low, high)))
    images = replace(ends[1], cast_red=torch.zeros(64), noise=torch.zeros(64))
    drawn = render(ends[0], images, 32)
    assert ((drawn > 0).float().mean(dim=(1, 2, 3)) > 0.2).all()
    place = torch.device("cpu")
    person, image = ends[0].per_pixel(place), images.per_pixel(place)
    for plane in meet_head(person, image, make_view(image, 32), 32):
        assert plane.isfinite().all()


def test_without_nuisance_all_pictures_of_a_person_are_one_picture() -> None:
    identities, images = rows([5, 6], 4)
    nuisances = draw_nuisances(0, identities, images, pose_range=0.0, strength=0.0)
    still = replace(nuisances, **{name: torch.zeros(8) for name in ("stripe_pitch", "grain")})
    drawn = render(draw_identities(0, identities), still, 64)
    assert torch.equal(drawn[:4], drawn[:1].expand(4, -1, -1, -1))
    assert not torch.equal(drawn[0], drawn[4])


def test_a_studio_picture_is_neutral_in_every_factor() -> None:
    identities, images = rows([5], 3)
    nuisances = draw_nuisances(0, identities, images, pose_range=0.0, strength=0.0)
    for name, prior in NuisanceFactors.priors().items():
        expected = 0.0 if name in ("yaw", "pitch", "roll") else prior.neutral
        assert torch.allclose(getattr(nuisances, name), torch.tensor(expected)), name


def test_circumstances_do_not_touch_the_person() -> None:
    identities, images = rows([8], 5)
    people = draw_identities(0, identities).stack()
    assert torch.equal(people, people[:1].expand(5, -1))
    nuisances = draw_nuisances(0, identities, images).stack()
    assert len(torch.unique(nuisances, dim=0)) == 5
    identity_names = {item.name for item in fields(IdentityFactors)}
    assert not identity_names & {item.name for item in fields(NuisanceFactors)}


@pytest.mark.parametrize("table", [IdentityFactors, NuisanceFactors])
def test_every_factor_stays_in_its_range_and_fills_it(table: type[IdentityFactors] | type[NuisanceFactors]) -> None:
    drawn = table.draw(0, np.arange(2000, dtype=np.int64))
    for name, prior in table.priors().items():
        column = getattr(drawn, name)
        width = prior.high - prior.low
        assert column.dtype == torch.float32
        assert prior.low <= column.min() + 1e-6
        assert column.max() <= prior.high + 1e-6
        if prior.chance is None:
            assert column.max() - column.min() > 0.98 * width, name
            assert abs(column.mean() - (prior.low + prior.high) / 2) < 0.05 * width, name
        else:
            assert abs(column.mean() - prior.chance) < 0.05, name
        assert prior.meaning


def test_factors_are_independent() -> None:
    drawn = IdentityFactors.draw(0, np.arange(4000, dtype=np.int64)).stack()
    correlation = torch.corrcoef(drawn.T).fill_diagonal_(0.0)
    assert correlation.abs().max() < 0.09


@pytest.mark.parametrize("name", [item.name for item in fields(IdentityFactors)])
def test_every_identity_factor_shows(name: str) -> None:
    """Pushing one factor from one end of its range to the other changes the picture of somebody."""
    identities, images = rows(list(range(12)), 1)
    still = draw_nuisances(0, identities, images, pose_range=0.0, strength=0.0)
    prior = IdentityFactors.priors()[name]
    people = draw_identities(0, identities)
    if name.startswith("mole"):
        people = replace(people, mole_1=torch.ones(12), mole_2=torch.ones(12))
    low = render(replace(people, **{name: torch.full((12,), prior.low)}), still, 64)
    high = render(replace(people, **{name: torch.full((12,), prior.high)}), still, 64)
    assert ((low.float() - high.float()).abs().amax(dim=(1, 2, 3)) > 12).any()


WORN = {"glasses": 1.0, "hat": 1.0, "box_strength": 1.0, "disc_strength": 1.0, "disc_x": 1.0}
STYLED = {"stripes": 0.16, "fade_red": 0.6, "noise": 0.045}


@pytest.mark.parametrize("name", [item.name for item in fields(NuisanceFactors)])
def test_every_circumstance_shows(name: str) -> None:
    """The same of circumstances, with all in the picture that they are about; under a hat there is little hair."""
    identities, images = rows(list(range(4)), 1)
    around = WORN | STYLED | ({"hat": 0.0} if name.startswith("hair") else {})
    still = draw_nuisances(0, identities, images, pose_range=0.0, strength=0.0)
    still = replace(still, **{factor: torch.full((4,), value) for factor, value in around.items()})
    prior = NuisanceFactors.priors()[name]
    end = prior.high / 2 if name.endswith("angle") else prior.high  # a whole turn is none
    low, high = (
        render(draw_identities(0, identities), replace(still, **{name: torch.full((4,), value)}), 64).float()
        for value in (prior.low, end)
    )
    assert ((low - high).abs().amax(dim=(1, 2, 3)) > 12).any()


def test_the_pictures_of_this_version_are_those_that_others_have_trained_on() -> None:
    """Mean red, green and blue of two pictures each of three people: who changes them changes RENDERER_VERSION."""
    expected = {
        1: [
            [133.4, 135.8, 75.3],
            [100.6, 185.4, 81.4],
            [120.0, 156.9, 138.7],
            [124.7, 148.0, 141.4],
            [107.5, 110.4, 101.0],
            [115.8, 86.1, 111.1],
        ]
    }
    means = pictures([0, 1, 2], 2).float().mean(dim=(2, 3))
    torch.testing.assert_close(means, torch.tensor(expected[RENDERER_VERSION]), rtol=0, atol=2)


def test_without_moles_a_frontal_face_is_its_own_mirror_image() -> None:
    identities, images = rows(list(range(10)), 1)
    people = replace(draw_identities(0, identities), mole_1=torch.zeros(10), mole_2=torch.zeros(10))
    still = draw_nuisances(0, identities, images, pose_range=0.0, strength=0.0)
    drawn = render(people, replace(still, light_side=torch.zeros(10)), 64).float()
    difference = (drawn - drawn.flip(3)).abs().mean(dim=(1, 2, 3))
    assert difference.max() < 4.0


def test_the_nose_moves_more_than_the_eyes_when_the_head_turns() -> None:
    """Parallax: a feature's place across the picture grows with its depth times sin ψ."""
    identities, images = rows([1], 1)
    person = draw_identities(0, identities).per_pixel(torch.device("cpu"))
    still = draw_nuisances(0, identities, images, pose_range=0.0, strength=0.0)
    turned = replace(still, yaw=torch.tensor([0.4])).per_pixel(torch.device("cpu"))
    view = make_view(turned, 128)
    surface = meet_head(person, turned, view, 128)
    across, _, rise = nose_frame(surface, person, view)
    inside = surface.outside < -0.05
    tip = inside & (rise > 0.9) & (rise < 1.0) & (across.abs() < 0.02)
    middle = inside & (surface.v.abs() < 0.1) & (surface.u.abs() < 0.02)
    assert surface.x[tip].mean() > surface.x[middle].mean() > 0.1


def test_the_lit_side_is_brighter() -> None:
    identities, images = rows(list(range(8)), 1)
    people = replace(draw_identities(0, identities), hair_bald=torch.ones(8))
    still = draw_nuisances(0, identities, images, pose_range=0.0, strength=0.0)
    drawn = render(people, replace(still, light_side=torch.full((8,), 1.2)), 64).float()
    assert (drawn[:, :, 28:44, 36:46].mean(dim=(1, 2, 3)) > drawn[:, :, 28:44, 18:28].mean(dim=(1, 2, 3)) + 10).all()


def test_lookalikes_are_closer_than_strangers_and_only_as_many_as_asked() -> None:
    numbers = np.arange(2000, dtype=np.int64)
    scale = torch.tensor([prior.high - prior.low for prior in IdentityFactors.priors().values()])
    plain = draw_identities(0, numbers).stack() / scale
    alike = draw_identities(0, numbers, lookalikes=0.3).stack() / scale
    changed = (plain != alike).any(dim=1)
    assert abs(changed.float().mean() - 0.3) < 0.03
    assert not changed[0::2].any()
    siblings = changed.nonzero().squeeze(1)
    to_original = (alike[siblings] - alike[siblings - 1]).norm(dim=1)
    to_stranger = (alike[siblings] - alike[siblings - 3]).norm(dim=1)
    assert (to_original < 0.5 * to_stranger.mean()).all()
    assert to_original.min() > 0


def test_lookalikes_look_alike() -> None:
    numbers = np.arange(40, dtype=np.int64)
    still = draw_nuisances(0, numbers, numbers * 0, pose_range=0.0, strength=0.0)
    drawn = render(draw_identities(0, numbers, lookalikes=0.5), still, 64).float()
    siblings = (drawn[1::2] - drawn[0::2]).abs().mean()
    strangers = (drawn[1::2] - drawn[0::2].roll(1, 0)).abs().mean()
    assert siblings < 0.5 * strangers
