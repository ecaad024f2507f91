import subprocess
import sys

import pytest
import torch
from pytorch_metric_learning import distances, losses, miners, reducers

from resemblance import parts
from resemblance.config import to_plain
from resemblance.errors import ConfigurationError
from resemblance.losses import PmlLoss
from tests.helpers import composed
from tests.losses.batches import assert_same, balanced

C, D = 8, 6


def made(name, *args, **parameters):
    torch.manual_seed(0)
    return PmlLoss(C, D, name, *args, **parameters)


PAIRS = {
    "args": (("NTXentLoss", {"temperature": 0.2}), {}, lambda: (losses.NTXentLoss(temperature=0.2), None)),
    "miner": (
        ("MultiSimilarityLoss",),
        {"miner": "MultiSimilarityMiner"},
        lambda: (losses.MultiSimilarityLoss(), miners.MultiSimilarityMiner()),
    ),
    "miner with args": (
        ("TripletMarginLoss", {"margin": 0.4}),
        {"miner": {"name": "TripletMarginMiner", "args": {"margin": 0.4, "type_of_triplets": "hard"}}},
        lambda: (
            losses.TripletMarginLoss(margin=0.4),
            miners.TripletMarginMiner(margin=0.4, type_of_triplets="hard"),
        ),
    ),
    "distance for both": (
        ("TripletMarginLoss",),
        {"miner": "BatchHardMiner", "distance": {"name": "LpDistance", "args": {"power": 2}}},
        lambda: (
            losses.TripletMarginLoss(distance=distances.LpDistance(power=2)),
            miners.BatchHardMiner(distance=distances.LpDistance(power=2)),
        ),
    ),
    "reducer": (
        ("ContrastiveLoss",),
        {"reducer": "MeanReducer"},
        lambda: (losses.ContrastiveLoss(reducer=reducers.MeanReducer()), None),
    ),
}


@pytest.mark.parametrize("case", PAIRS)
def test_computes_what_the_library_computes(case):
    positional, named, theirs = PAIRS[case]
    embeddings, identities = balanced(5, 4, D)
    loss, miner = theirs()

    def oracle(x):
        return loss(x, identities, *([miner(x, identities)] if miner else []))

    assert_same(lambda x: made(*positional, **named)(x, identities).value, oracle, embeddings)


@pytest.mark.parametrize("name", ["CosFaceLoss", "ProxyAnchorLoss", "SoftTripleLoss", "P2SGradLoss"])
def test_class_weights_know_the_data_and_are_parameters(name):
    loss = made(name)
    (weight,) = loss.parameters()
    assert D in weight.shape
    assert list(loss.state_dict()) == [*(n for n, _ in loss.named_parameters()), "seeds.step"]
    embeddings, identities = balanced(C, 2, D, dtype=torch.float32)
    loss(embeddings, identities).value.backward()
    assert weight.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("name", "parameters", "compares", "images"),
    [
        ("CosFaceLoss", {}, False, 1),
        ("SoftTripleLoss", {}, False, 1),
        ("CosFaceLoss", {"miner": "BatchHardMiner"}, True, 1),
        ("CosFaceLoss", {"reducer": "SumReducer"}, True, 1),
        ("ProxyAnchorLoss", {}, True, 1),
        ("NTXentLoss", {}, True, 2),
    ],
)
def test_says_what_it_needs_of_a_batch(name, parameters, compares, images):
    loss = made(name, **parameters)
    assert (loss.compares_images, loss.min_images_per_identity) == (compares, images)


@pytest.mark.parametrize(
    ("name", "parameters", "similarity", "normalized"),
    [
        ("NTXentLoss", {}, "cosine", True),
        ("TripletMarginLoss", {}, "negative_squared_l2", True),
        (
            "TripletMarginLoss",
            {"distance": {"name": "LpDistance", "args": {"normalize_embeddings": False}}},
            "negative_squared_l2",
            False,
        ),
        (
            "ContrastiveLoss",
            {"distance": {"name": "LpDistance", "args": {"normalize_embeddings": False, "p": 1}}},
            "negative_l1",
            False,
        ),
        (
            "NPairsLoss",
            {"distance": {"name": "DotProductSimilarity", "args": {"normalize_embeddings": False}}},
            "cosine",
            True,
        ),
        ("CosFaceLoss", {}, "cosine", True),
    ],
)
def test_is_judged_by_its_own_distance_where_there_is_such_a_similarity(name, parameters, similarity, normalized):
    found = made(name, **parameters).similarity
    assert (found.name, found.normalized) == (similarity, normalized)


@pytest.mark.parametrize("bad", [None, "MultiSimilarityMiner", "BatchHardMiner"])
def test_a_batch_without_pairs_has_no_loss_and_no_gradient(bad):
    leaf = torch.randn(4, D, requires_grad=True)
    output = made("NTXentLoss", miner=bad)(leaf, torch.arange(4))
    output.value.backward()
    assert output.value.item() == 0
    assert leaf.grad.abs().max() == 0
    assert output.statistics["empty_batch"] == 1


DRAWING = {
    "miner": {"miner": {"name": "DistanceWeightedMiner", "args": {"cutoff": 0.5, "nonzero_loss_cutoff": 2.0}}},
    "loss": {"args": {"triplets_per_anchor": 2}},
    "both": {"miner": "UniformHistogramMiner", "args": {"triplets_per_anchor": 2}},
}


def values(loss, steps, noise=0):
    """Of equal batches, with the global generator elsewhere before each."""
    found = []
    for step in range(steps):
        torch.manual_seed(noise + step)
        found.append(loss(*balanced(8, 4, D)).value.item())
    return found


@pytest.mark.parametrize("case", DRAWING)
def test_what_is_drawn_follows_from_the_seed_and_the_step_alone(case):
    whole = values(made("TripletMarginLoss", **DRAWING[case]), 4)
    assert len(set(whole)) == 4
    assert values(made("TripletMarginLoss", **DRAWING[case]), 4, noise=100) == whole
    assert values(made("TripletMarginLoss", **DRAWING[case], seed=1), 4) != whole
    interrupted, resumed = (made("TripletMarginLoss", **DRAWING[case]) for _ in range(2))
    values(interrupted, 2)
    resumed.load_state_dict(interrupted.state_dict())
    assert values(resumed, 2) == whole[2:]
    assert len(set(values(resumed.eval(), 2))) == 1


@pytest.mark.parametrize("case", DRAWING)
def test_draws_of_others_are_left_alone(case):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    loss = PmlLoss(C, D, "TripletMarginLoss", **DRAWING[case])
    loss(*balanced(8, 4, D))
    assert torch.equal(torch.rand(3), expected)


def test_class_weights_are_initialised_by_the_global_generator_and_nothing_else_is_drawn():
    torch.manual_seed(5)
    theirs = losses.ProxyAnchorLoss(C, D)
    expected = torch.rand(3)
    torch.manual_seed(5)
    ours = PmlLoss(C, D, "ProxyAnchorLoss", miner="UniformHistogramMiner")
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(ours.loss.proxies, theirs.proxies)


def test_embeddings_on_another_device_than_the_weights_are_refused():
    with pytest.raises(ValueError, match="^PmlLoss is on meta and received embeddings on cpu; move them to one device"):
        made("CosFaceLoss").to("meta")(*balanced(C, 2, D, dtype=torch.float32))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("NTXentLos",), r"has no loss 'NTXentLos' \(did you mean 'NTXentLoss'\?\); choose AngularLoss, ArcFaceLoss"),
        (("ntxentloss",), r"did you mean 'NTXentLoss'\?"),
        (("CrossBatchMemory",), "has no loss 'CrossBatchMemory'"),  # wraps another loss
        (("torch",), "has no loss 'torch'"),
        (("BaseMetricLossFunction",), "has no loss"),
        (
            ("NTXentLoss", {"temprature": 1}),
            r"no argument 'temprature' \(did you mean 'temperature'\?\); loss.args may hold: temperature\.",
        ),
        (("NTXentLoss", {"distance": "x"}), "NTXentLoss has no argument 'distance'"),
        (("NTXentLoss", {"temperature": "warm"}), "NTXentLoss can't be trained: unsupported operand"),
        (("CosFaceLoss", {"num_classes": 3}), "loss.args.num_classes is known from the data and the network"),
        (("RankedListLoss",), "RankedListLoss needs Tn and margin; set them in loss.args."),
        (("VICRegLoss",), "has no loss 'VICRegLoss'"),
        (("FastAPLoss", None, None, "CosineSimilarity"), "FastAPLoss can't be built with {}: .*LpDistance"),
        (("NTXentLoss", None, "BatchHard"), r"has no miner 'BatchHard' \(did you mean 'BatchHardMiner'\?\)"),
        (
            ("NTXentLoss", None, {"name": "PairMarginMiner", "args": {"margin": 1}}),
            "PairMarginMiner has no argument 'margin' .*loss.miner.args may hold: neg_margin, pos_margin",
        ),
        (("NTXentLoss", None, {"args": {}}), "loss.miner is a name, or a name with arguments"),
        (("NTXentLoss", None, {"name": "HDCMiner", "arg": 1}), "loss.miner is a name, or a name with arguments"),
        (("NTXentLoss", None, {"name": "PairMarginMiner", "args": [1]}), "loss.miner is a name, .*, not .*'args': .1"),
        (("NTXentLoss", None, {"name": "PairMarginMiner", "args": {1: 2}}), "loss.miner is a name"),
        (("NTXentLoss", None, {"name": "PairMarginMiner", "args": []}), "loss.miner is a name"),
        (("NTXentLoss", None, {1: 2}), "loss.miner is a name, or a name with arguments .*, not {1: 2}"),
        (("NTXentLoss", None, 3), "loss.miner is a name, or a name with arguments .*, not 3"),
        (("NTXentLoss", None, None, ["LpDistance"]), "loss.distance is a name, or a name with arguments"),
        (("NTXentLoss", None, None, None, 0.5), "loss.reducer is a name, or a name with arguments"),
        (("NTXentLoss", [1]), "loss.name is a name and loss.args its arguments as {…: …}, not .*'args': .1"),
        (("NTXentLoss", {1: 2}), "loss.name is a name and loss.args its arguments"),
        ((None,), "loss.name is a name and loss.args its arguments .*'name': None"),
        (("NTXentLoss", None, None, None, None, -1), "PmlLoss needs seed to be a whole number of at least 0, not -1"),
        (
            ("RankedListLoss", {"margin": 0.4, "Tn": 1.0}, "BatchHardMiner"),
            "RankedListLoss with BatchHardMiner can't be trained: indices_tuple is not supported",
        ),
        (("NTXentLoss", None, None, None, "DoNothingReducer"), "has no reducer 'DoNothingReducer'"),
    ],
)
def test_refuses_in_one_sentence(arguments, message):
    with pytest.raises(ConfigurationError, match=message) as refusal:
        PmlLoss(C, D, *arguments)
    assert "\n" not in str(refusal.value)


def test_every_loss_of_the_library_is_built_or_refused():
    refused = set()
    for name in dir(losses):
        loss_class = getattr(losses, name)
        if isinstance(loss_class, type) and issubclass(loss_class, losses.BaseMetricLossFunction):
            try:
                embeddings, identities = balanced(C, 2, D, dtype=torch.float32)
                value = made(name)(embeddings.requires_grad_(), identities).value
                assert value.isfinite()
            except ConfigurationError:
                refused.add(name)
    assert refused == {
        "BaseMetricLossFunction",
        "GenericPairLoss",
        "ManifoldLoss",  # takes no labels
        "RankedListLoss",  # needs arguments
        "VICRegLoss",  # compares two views
    }


def test_embeddings_of_another_size_are_refused():
    with pytest.raises(ValueError, match="built with embedding_size=6 and received embeddings of size 5"):
        made("NTXentLoss")(torch.ones(2, 5), torch.tensor([0, 1]))


def test_labels_without_class_weights_are_refused():
    with pytest.raises(ValueError, match="labels run from 0 to 7, but the batch holds 8"):
        made("CosFaceLoss")(torch.ones(2, D), torch.tensor([0, 8]))
    assert made("NTXentLoss")(torch.ones(2, D), torch.tensor([0, 800])).value == 0


def test_the_library_is_only_loaded_when_one_of_its_losses_is_built():
    code = "import sys, resemblance.losses; sys.exit('pytorch_metric_learning' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    "overrides",
    [
        ["loss.name=NTXentLoss", "loss.args={temperature: 0.1}", "loss.miner=MultiSimilarityMiner"],
        ["loss.miner={name: PairMarginMiner, args: {pos_margin: 0.9, neg_margin: 0.1}}"],
        ["loss.name=ArcFaceLoss", "batch.images_per_identity=1"],
        ["loss.name=TripletMarginLoss", "loss.distance={name: LpDistance, args: {power: 2}}"],
        ["loss.name=SmoothAPLoss"],
    ],
)
def test_the_command_line_reaches_it(overrides):
    config = to_plain(composed("loss=pml", *overrides))
    parts.check_parts(config)
    assert parts.build_loss(config, num_identities=12).loss is not None


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("loss.args={temprature: 0.1}", "did you mean 'temperature'"),
        ("loss.args=hot", "loss.args is 'hot', but should be"),
        ("loss.miner={name: PairMarginMiner, args: [1]}", "loss.miner is a name, or a name with arguments"),
        ("loss.name=os.system", "has no loss 'os.system'"),
    ],
)
def test_the_configuration_is_refused_before_any_data_is_read(override, message):
    with pytest.raises(ConfigurationError, match=message):
        parts.check_parts(to_plain(composed("loss=pml", override)))
