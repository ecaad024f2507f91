from resemblance.tracking.figures.style import score_name


def test_similarities_by_name():
    assert [score_name(name) for name in ("cosine", "negative_squared_l2", "weighted_l1")] == [
        "cosine",
        "negative squared L2",
        "weighted L1",
    ]
