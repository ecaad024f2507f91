import math

import numpy as np
import pytest
import torch

from resemblance.metrics.scores import rounded_down


def test_a_threshold_midway_between_two_neighbouring_scores_parts_them():
    score = np.float32(0.75)
    above = np.nextafter(score, np.float32(1))
    assert rounded_down((float(score) + float(above)) / 2) == float(score)
    assert rounded_down(float(above)) == float(above)
    assert rounded_down(math.nextafter(float(score), -1)) == float(np.nextafter(score, np.float32(-1)))


@pytest.mark.parametrize("threshold", [0.1, -1e-50, math.inf, -math.inf])
def test_float64_scores_are_parted_where_the_threshold_is(threshold):
    assert rounded_down(threshold, torch.float64) == threshold
