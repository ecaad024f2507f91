"""The torchmetrics classes: the pure functions' figures, whatever the batches and the processes."""

import pickle

import matplotlib
import numpy as np
import pytest
import torch
from torchmetrics import MetricCollection

from resemblance.embeddings import Embeddings
from resemblance.errors import ResemblanceWarning
from resemblance.metrics import IdentificationRate, OneShotAccuracy, OpenSetIdentification, VerificationROC
from resemblance.process_group import meeting_place
from resemblance.protocols import Identification, OneShot, OpenSet, Verification
from resemblance.similarity import CosineSimilarity, NegativeL1, WeightedL1
from tests import prewarmed
from tests.metrics.metric_cases import WORLD_SIZE, images, metrics

matplotlib.use("Agg")
NAMES = list(metrics())


def filled(metric, size=60, numbered=True, dtype=torch.float32):
    vectors, identities = images()
    for rows in torch.arange(60).split(size):
        metric.update(vectors[rows].to(dtype), identities[rows], *([rows] if numbered else []))
    return metric


def expected():
    """What the protocols say of the same images."""
    faces = Embeddings(*images())
    results = {
        "verification": Verification(fars=(0.1, 0.01))(faces, CosineSimilarity()),
        "verification_l1": Verification(fars=(0.1,))(faces, NegativeL1(normalized=False)),
        "identification": Identification(ranks=(1, 3), enrolled=2, fusion="mean")(faces, CosineSimilarity()),
        "open_set": OpenSet(fpirs=(0.1, 0.3), ranks=(2,))(faces, CosineSimilarity()),
        "one_shot": OneShot(ways=(4,), shots=(2,), episodes=50)(faces, CosineSimilarity()),
    }
    return {
        name: {key.partition("/")[2].removeprefix("rank_2_"): scalar.value for key, scalar in result.scalars.items()}
        for name, result in results.items()
    }


def plain(figures):
    return {name: float(value) for name, value in figures.items()}


@pytest.fixture(scope="module")
def protocols():
    return expected()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1, 7, 60])
def test_the_figures_are_those_of_the_protocols_in_any_batches(name, size, protocols):
    found = plain(filled(metrics()[name], size).compute())
    assert {key: protocols[name][key] for key in found} == pytest.approx(found, abs=1e-6)
    assert min(found.values()) > 0
    assert min(found.values()) < 1


@pytest.mark.parametrize("name", NAMES)
def test_rows_seen_twice_count_once_and_their_order_is_the_index(name):
    vectors, identities = images()
    metric = metrics()[name]
    for rows in (torch.arange(59, -1, -1), torch.tensor([3, 4, 5])):
        metric.update(vectors[rows], identities[rows], rows)
    assert plain(metric.compute()) == plain(filled(metrics()[name]).compute())
    assert plain(filled(metrics()[name], 7, numbered=False).compute()) == plain(metric.compute())


def test_without_indices_every_row_counts():
    metric = VerificationROC(fars=())
    for _ in range(2):
        metric.update(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 1]))
    assert len(metric.rows()[0]) == 4
    assert plain(metric.compute()) == {"auc": 1.0, "eer": 0.0}


def test_a_collection_shares_what_it_keeps():
    collection = MetricCollection(metrics())
    vectors, identities = images()
    for rows in torch.arange(60).split(11):
        collection.update(vectors[rows], identities[rows], rows)
    assert len(collection.compute_groups) == 1
    found = plain(collection.compute())
    assert found["identification_rank_1"] == plain(filled(metrics()["identification"]).compute())["rank_1"]
    assert any(key.endswith("4_way_2_shot") for key in found)
    collection.reset()
    with pytest.raises(ValueError, match=r"has no embeddings; call update\(\)"):
        collection.compute()


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_is_pickled_cloned_and_reset(name):
    metric = filled(metrics()[name])
    found = plain(metric.compute())
    assert plain(pickle.loads(pickle.dumps(metric)).compute()) == found
    clone = metric.clone()
    metric.reset()
    assert plain(clone.compute()) == found
    assert plain(filled(metric).compute()) == found


@pytest.mark.filterwarnings("ignore:The ``compute``")
def test_the_state_is_saved_where_it_is_asked_for():
    metric = filled(VerificationROC(fars=(0.1,)))
    assert metric.state_dict() == {}
    metric.persistent(True)
    again = VerificationROC(fars=(0.1,))
    again.persistent(True)
    again.load_state_dict(metric.state_dict())
    assert plain(again.compute()) == plain(metric.compute())


def test_a_learned_similarity_judges_and_is_saved():
    torch.manual_seed(0)
    learned = WeightedL1(6)
    metric = filled(VerificationROC(fars=(), similarity=learned))
    assert set(metric.state_dict()) == {"similarity.weight", "similarity.offset"}
    assert plain(metric.compute()) != plain(filled(VerificationROC(fars=())).compute())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", NAMES)
def test_half_precision_is_taken(name, dtype):
    # The images are small whole numbers, which half precision holds exactly.
    assert plain(filled(metrics()[name], dtype=dtype).compute()) == plain(filled(metrics()[name]).compute())


@pytest.mark.parametrize("name", NAMES)
def test_forward_gives_the_figures_of_the_batch(name):
    metric = metrics()[name]
    vectors, identities = images()
    assert plain(metric(vectors, identities, torch.arange(60))) == plain(metric.compute())


@pytest.mark.parametrize("name", NAMES)
def test_plots(name):
    metric = filled(metrics()[name])
    figure, axes = metric.plot()
    assert axes.get_figure() is figure
    assert metric.plot(ax=axes)[1] is axes
    figure, axes = metric.plot([metric.compute(), metric.compute()])
    assert axes.get_figure() is figure or len(axes)
    matplotlib.pyplot.close("all")


def test_the_roc_is_drawn_through_the_reported_rates():
    metric = filled(VerificationROC(fars=(0.1,)))
    (line,) = metric.plot()[1].get_lines()
    at = max(place for place, far in enumerate(line.get_xdata()) if far <= 0.1 + 1e-12)
    assert line.get_ydata()[at] == pytest.approx(float(metric.compute()["tar_at_far_1e_1"]), abs=0.02)
    matplotlib.pyplot.close("all")


HELD = """
import torch
from resemblance.metrics import VerificationROC
from resemblance.process_memory import peak_bytes, reset_peak

torch.set_num_threads(1)
metric = VerificationROC(fars=(0.01,))
metric.update(torch.randn(10_000, 4), torch.arange(10_000) // 10)
reset_peak()
before = peak_bytes()
metric.compute()
print((peak_bytes() - before) / (10_000 * 9_999 / 2))
"""


def test_no_second_copy_of_the_scores_is_held(tmp_path):
    (tmp_path / "held.py").write_text(HELD)
    found = prewarmed.run(tmp_path / "held.py")
    assert float(found.stdout) < 7  # bytes a score: 4, and blocks that do not grow with the scores


def test_a_rate_that_can_not_be_measured_is_left_out_with_a_warning():
    with pytest.warns(ResemblanceWarning, match="FAR=1e-06 can't be measured with"):
        assert set(filled(VerificationROC(fars=(1e-6,))).compute()) == {"auc", "eer"}
    with pytest.warns(ResemblanceWarning, match="FPIR=1e-05 can't be measured with"):
        assert not filled(OpenSetIdentification(fpirs=(1e-5,))).compute()


def test_one_number_stands_for_itself():
    assert VerificationROC(fars=1e-2).fars == VerificationROC(fars=[1e-2]).fars == (1e-2,)
    assert IdentificationRate(ranks=1).ranks == IdentificationRate(ranks=np.array([1])).ranks == (1,)
    assert OpenSetIdentification(fpirs=np.float64(0.1)).fpirs == (0.1,)
    assert set(filled(IdentificationRate(ranks=2)).compute()) == {"rank_2"}
    for make in (lambda x: VerificationROC(fars=x), lambda x: IdentificationRate(ranks=x)):
        for wrong in ("1e-2", ["1"], None):
            with pytest.raises(TypeError, match=r"^(fars|ranks) is a number or a sequence of numbers, not .*\.$"):
                make(wrong)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: VerificationROC(fars=(1.0,)), "between 0 and 1, not at 1.0"),
        (lambda: VerificationROC(fars=0), "between 0 and 1, not at 0"),
        (lambda: IdentificationRate(ranks=(0,)), "count from 1"),
        (lambda: IdentificationRate(ranks=0), "count from 1"),
        (lambda: IdentificationRate(ranks=()), "count from 1"),
        (lambda: OpenSetIdentification(fpirs=(0.0,)), "between 0 and 1"),
        (lambda: IdentificationRate(fusion="avg"), "fusion is 'max' or 'mean', not 'avg'"),
        (lambda: OpenSetIdentification(fusion="avg"), "fusion is 'max' or 'mean', not 'avg'"),
        (lambda: OneShotAccuracy(fusion="avg"), "fusion is 'max' or 'mean', not 'avg'"),
        (lambda: OneShotAccuracy(ways=0, shots=0), "2 ways or more and at least one shot"),
        (lambda: OpenSetIdentification(non_mated=1.0), "share between 0 and 1"),
        (lambda: VerificationROC().update(torch.ones(2, 3), torch.zeros(3)), "B identities and B indices"),
    ],
)
def test_wrong_settings_and_batches_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize("name", NAMES)
def test_images_that_can_not_be_measured_are_refused(name):
    metric = metrics()[name]
    metric.update(torch.ones(3, 6), torch.arange(3))
    with pytest.raises(ValueError):
        metric.compute()
    with pytest.raises(ValueError, match="Embeddings of 5 numbers can't follow embeddings of 6"):
        metric.update(torch.ones(3, 5), torch.arange(3))
    metric.reset()
    metric.update(torch.full((60, 6), float("nan")), images()[1])
    with pytest.raises(ValueError, match="60 of 60 embeddings hold NaN or infinite"):
        metric.compute()


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two_processes")
    store = meeting_place(WORLD_SIZE)
    started = []
    try:
        for rank in range(WORLD_SIZE):
            started.append(prewarmed.start("tests.metrics.metric_cases", str(folder), str(rank), str(store.port)))
        for process in started:
            errors = process.communicate(timeout=200)[1]
            assert process.returncode == 0, errors
    finally:
        for process in started:
            process.kill()
    return [torch.load(folder / f"rank_{rank}.pt", weights_only=True) for rank in range(WORLD_SIZE)]


@pytest.mark.parametrize("name", NAMES)
def test_two_processes_find_what_one_does(name, two_processes):
    one = plain(filled(metrics()[name]).compute())
    assert [plain(found[name]) for found in two_processes] == [one, one]


def test_a_collection_on_two_processes(two_processes):
    collection = MetricCollection(metrics())
    vectors, identities = images()
    collection.update(vectors, identities, torch.arange(60))
    assert [plain(found["collection"]) for found in two_processes] == [plain(collection.compute())] * 2


@pytest.mark.parametrize("case", ["one process holds all", "without indices"])
def test_other_shares_of_two_processes(case, two_processes):
    one = plain(filled(VerificationROC(fars=(0.1,)), numbered=False).compute())
    assert [plain(found[case]) for found in two_processes] == [one, one]
