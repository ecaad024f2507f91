"""Several protocols on one set, the cosine beside another similarity, keys, and the configuration files."""

import re

import pytest
import torch

from resemblance.config import build, needs, to_plain
from resemblance.embeddings import PairList
from resemblance.errors import ConfigurationError
from resemblance.protocols import (
    Calibration,
    HardestPairs,
    Identification,
    OneShot,
    OpenSet,
    PairVerification,
    Retrieval,
    Verification,
    rate_key,
    rate_label,
    run_protocols,
)
from resemblance.results import Result
from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2
from tests.helpers import composed


def genuine_and_impostor(faces):
    rows = torch.arange(len(faces) - 1)
    return PairList(rows, rows + 1, faces.identities[:-1] == faces.identities[1:], "neighbours")


@pytest.mark.parametrize("similarity", [CosineSimilarity(), NegativeSquaredL2(normalized=True)], ids=repr)
def test_protocols_are_merged(faces, similarity):
    protocols = [Verification(), Identification()]
    result = run_protocols(protocols, faces, similarity)
    assert result == protocols[0](faces, similarity) | protocols[1](faces, similarity)
    assert run_protocols({"v": protocols[0], "i": protocols[1]}, faces, similarity) == result


@pytest.mark.parametrize("similarity", [NegativeL1(normalized=True), NegativeSquaredL2(normalized=False)], ids=repr)
def test_the_cosine_stands_beside_what_ranks_otherwise(faces, similarity):
    own = Verification()(faces, similarity)
    cosine = Verification()(faces, CosineSimilarity())
    both = run_protocols([Verification()], faces, similarity)
    assert both.scalars["verification/auc"] == own.scalars["verification/auc"]
    beside = both.scalars["verification_cosine/auc"]
    assert beside.value == cosine.scalars["verification/auc"].value != own.scalars["verification/auc"].value
    assert beside.label == "AUC (cosine)"
    assert both.curves["verification_cosine/roc"] == cosine.curves["verification/roc"]
    assert len(both.scalars) == 2 * len(own.scalars)


@pytest.mark.parametrize("protocol", [Identification(), OpenSet(fpirs=(0.1,)), Retrieval()])
def test_searches_are_judged_by_the_cosine_too(faces, protocol):
    own, cosine = protocol(faces, NegativeL1(normalized=True)), protocol(faces, CosineSimilarity())
    both = run_protocols([protocol], faces, NegativeL1(normalized=True))
    assert len(both.scalars) == 2 * len(own.scalars) == len(both.replicates)
    for key, scalar in cosine.scalars.items():
        name, _, figure = key.partition("/")
        assert both.scalars[key] == own.scalars[key]
        beside = both.scalars[f"{name}_cosine/{figure}"]
        assert (beside.value, beside.low, beside.high) == (scalar.value, scalar.low, scalar.high)


def test_no_threshold_is_used_in_a_similarity_that_it_was_not_chosen_in(faces):
    pairs = PairVerification(genuine_and_impostor(faces), threshold=-3.0, fars=())
    result = run_protocols([pairs], faces, NegativeL1(normalized=False))
    assert "pairs/accuracy" in result.scalars
    assert "pairs_cosine/auc" in result.scalars
    assert "pairs_cosine/accuracy" not in result.scalars


def test_the_same_protocol_twice_is_refused(faces):
    with pytest.raises(ValueError, match="same key"):
        run_protocols([Verification(), Verification()], faces, CosineSimilarity())


def test_no_protocols_find_nothing(faces):
    assert run_protocols({}, faces, NegativeL1(normalized=False)) == Result()


@pytest.mark.parametrize(
    ("rate", "label", "key"),
    [
        (1e-3, "1e-3", "1e_3"),
        (0.1, "1e-1", "1e_1"),
        (0.05, "5e-2", "5e_2"),
        (0.025, "2.5e-2", "2_5e_2"),
        (1e-6, "1e-6", "1e_6"),
        (0.2999999, "2.999999e-1", "2_999999e_1"),
    ],
)
def test_rates_in_labels_and_keys(rate, label, key):
    assert (rate_label(rate), rate_key(rate)) == (label, key)
    assert float(label) == rate


@pytest.mark.parametrize("name", ["faces", "lfw_view1"])
def test_every_protocol_file_builds_and_runs(faces, name):
    nodes = to_plain(composed(f"protocol={name}"))["protocol"]
    known = {"pairs": genuine_and_impostor(faces), "threshold": 0.5, "thresholds": {0.01: 0.5}}
    protocols = {key: build(f"protocol.{key}", node, **known) for key, node in nodes.items()}
    assert {key: type(protocol) for key, protocol in protocols.items()} == {
        "verification": Verification,
        "identification": Identification,
        "open_set": OpenSet,
        "retrieval": Retrieval,
        "one_shot": OneShot,
        **({"pairs": PairVerification} if name == "lfw_view1" else {}),
        "hardest": HardestPairs,
        "calibration": Calibration,
    }
    result = run_protocols(protocols, faces, NegativeL1(normalized=True))
    assert "verification/tar_at_far_1e_3" in result.scalars
    # What W&B can sort and filter by.
    for part in (result.scalars, result.curves, result.tables):
        assert all(re.fullmatch(r"[_a-zA-Z][_a-zA-Z0-9]*/[_a-zA-Z0-9]+", key) for key in part)


def test_a_protocol_says_what_it_needs():
    target = "resemblance.protocols.{}".format
    assert needs({"_target_": target("Verification")}) == ()
    assert needs({"_target_": target("PairVerification")}) == ("pairs", "threshold")


def test_a_wrong_setting_is_refused_by_name():
    node = {"_target_": "resemblance.protocols.Verification", "fars": ["one percent"]}
    with pytest.raises(ConfigurationError, match=r"protocol\.verification\.fars"):
        build("protocol.verification", node)
