import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resemblance.metrics.templates import aggregate_templates


def naive(vectors, templates, media, quality):
    """The definition, in lists of Python numbers."""
    found = []
    for template in range(max(templates) + 1):
        total = [0.0] * len(vectors[0])
        for medium in {m for t, m in zip(templates, media, strict=True) if t == template}:
            rows = [i for i, (t, m) in enumerate(zip(templates, media, strict=True)) if (t, m) == (template, medium)]
            for j in range(len(total)):
                total[j] += sum(quality[i] * vectors[i][j] for i in rows) / len(rows)
        length = math.sqrt(sum(x * x for x in total))
        found.append([x / length for x in total])
    return found


@st.composite
def frames(draw):
    number = draw(st.integers(1, 12))
    templates = draw(st.lists(st.integers(0, 3), min_size=number, max_size=number))
    used = sorted(set(templates))
    labels = [used.index(template) for template in templates]
    media = draw(st.lists(st.integers(0, 2), min_size=number, max_size=number))
    quality = draw(st.lists(st.floats(0.1, 2), min_size=number, max_size=number))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 99)))
    return torch.randn(number, 5, dtype=torch.float64, generator=generator), labels, media, quality


@given(frames())
def test_it_is_the_definition(case):
    vectors, templates, media, quality = case
    found = aggregate_templates(
        vectors, torch.tensor(templates), torch.tensor(media), torch.tensor(quality, dtype=torch.float64)
    )
    expected = torch.tensor(naive(vectors.tolist(), templates, media, quality), dtype=torch.float64)
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-9)


def test_a_video_weighs_as_much_as_one_photograph_however_many_frames_it_has():
    video, photograph = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    for frames_of_video in (1, 10, 1000):
        vectors = torch.cat([video.repeat(frames_of_video, 1), photograph[None]])
        media = torch.tensor([0] * frames_of_video + [1])
        found = aggregate_templates(vectors, torch.zeros(len(vectors), dtype=torch.int64), media)
        torch.testing.assert_close(found, torch.tensor([[0.5**0.5, 0.5**0.5]]))


def test_one_medium_label_in_two_templates_means_two_media():
    vectors = torch.eye(4)
    found = aggregate_templates(vectors, torch.tensor([0, 0, 1, 1]), torch.tensor([5, 5, 5, 6]))
    torch.testing.assert_close(found, torch.tensor([[1.0, 1, 0, 0], [0, 0, 1, 1]]) / 2**0.5)


@pytest.mark.parametrize(
    ("quality", "sentence"),
    [([1.0, -1.0], "negative"), ([1.0, float("nan")], "negative"), ([0.0, 0.0], "no direction"), ([1.0], "Each image")],
)
def test_weights_that_make_no_template_are_refused(quality, sentence):
    with pytest.raises(ValueError, match=sentence):
        aggregate_templates(torch.eye(2), torch.zeros(2).long(), torch.zeros(2).long(), torch.tensor(quality))


@pytest.mark.parametrize(
    ("vectors", "sentence"),
    [
        ([[1.0, 0.1], [-1.0, -0.1], [0.0, 0.0]], "1 templates have no direction: their vectors are zero or cancel"),
        ([[0.1, 0.3], [0.2, 0.6], [-0.3, -0.9]], "1 templates have no direction: their vectors are zero or cancel"),
        ([[0.0, 0.0]] * 3, "1 templates have no direction: their vectors are zero or cancel"),
        ([[1.0, float("nan")], [1.0, 2.0], [float("inf"), 1.0]], "2 of 3 vectors are NaN or infinite"),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_vectors_that_make_no_template_are_refused(vectors, sentence, dtype):
    with pytest.raises(ValueError, match=sentence):
        aggregate_templates(torch.tensor(vectors, dtype=dtype), torch.zeros(3).long(), torch.arange(3))


def test_short_vectors_make_a_template():
    found = aggregate_templates(torch.eye(2) * 1e-30, torch.zeros(2).long(), torch.arange(2))
    torch.testing.assert_close(found, torch.full((1, 2), 0.5**0.5))


def test_a_label_without_images_is_refused():
    with pytest.raises(ValueError, match="0 to 1, each of them used"):
        aggregate_templates(torch.eye(2), torch.tensor([0, 2]), torch.tensor([0, 0]))
