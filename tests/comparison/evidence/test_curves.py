import csv
from types import SimpleNamespace

import numpy as np
import pytest

from resemblance.comparison.evidence.history import column_bands, columns_of, images_of_a_step, read_history
from resemblance.comparison.evidence.over_seeds import band
from resemblance.comparison.evidence.roc import protocols_with_roc, roc_bands, stairs, without_rates
from resemblance.comparison.study import Contestant
from resemblance.results import Curve, Scalar

KEY = "test/verification/roc"


def curve(generator, points=40, least=1e-3):
    fars = np.sort(np.concatenate([[least], np.exp(generator.uniform(np.log(least), 0, points)), [1.0]]))
    return Curve(tuple(fars), tuple(np.sort(generator.uniform(0, 1, len(fars)))), "FAR", "TAR")


def naive_height(of, x):
    below = [y for far, y in zip(of.x, of.y, strict=True) if far <= x]
    return below[-1] if below else 0.0


def run(path, curves=None, **more):
    return SimpleNamespace(path=path, curves=curves or {}, scalars={}, config={}, **more)


def test_stairs_are_those_of_a_loop():
    generator = np.random.default_rng(0)
    for _ in range(50):
        of = curve(generator)
        at = np.exp(generator.uniform(np.log(1e-4), 0, 100))
        assert stairs(of, at).tolist() == [naive_height(of, x) for x in at]


def test_a_rate_that_was_measured_has_its_own_height():
    generator = np.random.default_rng(1)
    of = curve(generator)
    assert stairs(of, np.array(of.x)).tolist() == list(of.y)


def test_the_band_is_the_range_of_the_seeds_on_a_grid_that_all_can_measure():
    generator = np.random.default_rng(2)
    curves = {"a1": curve(generator), "a2": curve(generator, least=5e-3), "b1": curve(generator)}
    contestants = [
        Contestant("a", "a", (run("a1", {KEY: curves["a1"]}), run("a2", {KEY: curves["a2"]})), {}),
        Contestant("b", "b", (run("b1", {KEY: curves["b1"]}),), {}),
        Contestant("c", "c", (run("c1"),), {}),
    ]
    bands = roc_bands(contestants, "verification")
    assert list(bands) == ["a", "b"]  # whoever has no curve is left out
    grid = bands["a"].x
    assert grid[0] == pytest.approx(5e-3)
    assert (grid == bands["b"].x).all()
    assert np.isclose(grid, 0.01, rtol=1e-12).any()  # rates that figures are claimed at are on it
    for x, mean, low, high in zip(grid, bands["a"].mean, bands["a"].low, bands["a"].high, strict=True):
        heights = [naive_height(curves[name], x * (1 + 1e-9)) for name in ("a1", "a2")]
        assert (low, high) == (min(heights), max(heights))
        assert mean == pytest.approx(sum(heights) / 2)
    assert bands["b"].seeds == 1


def test_a_curve_without_a_rate_above_0_is_left_out_with_a_sentence():
    generator = np.random.default_rng(4)
    flat = Curve((0.0, 0.0), (0.2, 0.5), "FAR", "TAR")
    good, bad = {KEY: curve(generator)}, {KEY: flat}
    contestants = [
        Contestant("a", "a", (run("a1", good, seed=1), run("a2", bad, seed=2)), {}),
        Contestant("b", "b", (run("b1", bad, seed=1),), {}),
        Contestant("c", "c", (run("c1", good, seed=1),), {}),
    ]
    bands = roc_bands(contestants, "verification")
    assert {name: of.seeds for name, of in bands.items()} == {"a": 1, "c": 1}
    assert without_rates(contestants, "verification") == [
        "Left out: seed 2 of a, whose curve has no FAR above 0.",
        "Left out: seed 1 of b, whose curve has no FAR above 0.",
    ]
    assert protocols_with_roc(contestants) == ["verification"]
    assert protocols_with_roc(contestants[1:2]) == []
    assert roc_bands(contestants[1:2], "verification") == {}


def test_protocols_are_those_that_two_contestants_have():
    generator = np.random.default_rng(3)
    of = curve(generator)
    curves = {
        "a": {"test/pairs/roc": of, KEY: of, "test/verification_cosine/roc": of, "val/verification/roc": of},
        "b": {"test/pairs/roc": of, KEY: of, "test/verification/roc_low": of},
    }
    contestants = [Contestant(name, name, (run(name, found),), {}) for name, found in curves.items()]
    assert protocols_with_roc(contestants) == ["verification", "pairs"]
    assert protocols_with_roc(contestants[:1]) == ["verification", "pairs", "verification_cosine"]
    assert protocols_with_roc([Contestant("c", "c", (run("c"),), {})]) == []


def test_there_is_no_band_of_nothing():
    with pytest.raises(ValueError, match="no curve"):
        band(np.array([1.0]), [])


def test_history_is_read_as_far_as_it_goes(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,step,val/x/auc,train/loss\n1,10,0.5,nan\n2,20,,3.5\n3,30,0.7\n", "utf-8")
    history = read_history(path)
    assert history["val/x/auc"] == [0.5, None, 0.7]
    assert history["train/loss"] == [None, 3.5, None]
    assert read_history(tmp_path / "none.csv") == {}
    path.write_text("", "utf-8")
    assert read_history(path) == {}


def test_images_of_a_step_are_those_of_all_devices():
    history = {"step": [10.0, 20.0]}
    seen = run("a")
    seen.scalars = {"train/images": Scalar(2560, "images")}
    assert images_of_a_step(seen, history) == 128
    configured = run("a")
    configured.config = {"batch": {"identities": 32, "images_per_identity": 2}, "trainer": {"devices": 2}}
    assert images_of_a_step(configured, history) == 128
    configured.config["trainer"]["devices"] = "auto"
    assert images_of_a_step(configured, history) is None
    assert images_of_a_step(run("a"), history) is None


def test_a_column_over_seeds_keeps_the_images_that_all_have_seen(tmp_path):
    histories = {}
    runs = []
    for seed, rows in {1: [(10, 0.5), (20, 0.6), (30, 0.7)], 2: [(10, 0.7), (20, "")]}.items():
        path = tmp_path / f"{seed}.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([("step", "val/auc"), *rows])
        histories[str(seed)] = read_history(path)
        runs.append(run(str(seed)))
        runs[-1].config = {"batch": {"identities": 4, "images_per_identity": 2}}
    one = Contestant("a", "a", tuple(runs), {})
    bands = column_bands([one], histories, "val/auc")
    assert bands["a"].x.tolist() == [80.0]
    assert (bands["a"].low[0], bands["a"].high[0]) == (0.5, 0.7)
    assert bands["a"].mean[0] == pytest.approx(0.6)
    assert columns_of([one], histories, "val/") == ["val/auc"]
    assert column_bands([one], histories, "val/none") == {}
