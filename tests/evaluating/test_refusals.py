"""What a list or a file says wrong is found before anything is embedded, and leaves no run directory."""

import numpy as np
import pytest
import torch

from resemblance import parts
from resemblance.config import to_plain
from resemblance.errors import ConfigurationError, DataError
from resemblance.models import FaceNetwork
from tests.evaluating.conftest import TRAINED
from tests.evaluating.embedded_people import run, write_people
from tests.helpers import composed


@pytest.fixture
def embeds_nothing(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("images were embedded before the mistake was found")

    monkeypatch.setattr(FaceNetwork, "embed_all", refuse)


@pytest.mark.usefixtures("embeds_nothing")
@pytest.mark.parametrize(
    ("overrides", "text", "sentence"),
    [
        (("pairs=FILE",), "first,second,same\nnobody_1,nobody_2,1\n", "names 2 images that the test set does not have"),
        (("pairs=FILE",), "first,second\na,b\n", "no column 'same'"),
        (("templates=FILE",), "image,template\nnobody_1,t\n", "names 1 image that the test set does not have"),
        (("metadata=FILE",), "image,hat\nnobody_1,1\n", "describes none of the 48 images"),
        (("protocol=pairs",), "", "protocol=pairs needs pairs for its part 'pairs', and there are none here; give"),
        (("protocol=omniglot",), "", "protocol=omniglot needs episodes for its part 'runs'"),
        (
            ("distractors=VECTORS",),
            "",
            "in .* have 16 dimensions, but the test set's embeddings have 128",
        ),
    ],
)
def test_a_mistake_is_found_before_any_image_is_embedded(tmp_path, trained, overrides, text, sentence):
    (tmp_path / "list.csv").write_text(text)
    write_people(tmp_path / "v.npz")
    places = {"FILE": str(tmp_path / "list.csv"), "VECTORS": str(tmp_path / "v.npz")}
    given = [f"{key}={places.get(value, value)}" for key, _, value in (text.partition("=") for text in overrides)]
    with pytest.raises((ConfigurationError, DataError), match=sentence):
        run(tmp_path / "run", f"checkpoint={trained.directory}", *given)
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("embeds_nothing")
@pytest.mark.parametrize(
    ("setting", "text", "sentence"),
    [
        ("pairs", "first,second,same\n0,1,1\n1,2,1\n", "has no impostor comparison; verification needs both kinds"),
        ("pairs", "first,second,same\n0,9,0\n9,2,0\n", "has no genuine comparison"),
        ("pairs", "first,second,same\n0,1,1\n1,2,0\n0,9,0\n", "1 of the 3 comparisons .* contradict the identities"),
        ("templates", "image,template\n0,t\n1,t\n9,t\n", "The template 't' of .* holds images of .* .line 4"),
        ("templates", "image,template,quality\n0,t,0\n", "No image of .* with a quality above 0"),
        ("metadata", "image,hat,beard\n0,1,1\n", "names 'yaww', which the metadata lack; they have: .*hat, beard"),
    ],
)
def test_what_contradicts_the_identities_is_found_too(tmp_path, trained, setting, text, sentence):
    images = parts.build_source(to_plain(composed(*TRAINED, "rehearsal=true"))).test()
    first = [row for row in range(len(images)) if images.identities[row] == images.identities[0]][:3]
    stranger = int((images.identities != images.identities[0]).nonzero()[0])
    names = {str(place): images.image_ids[row] for place, row in (*enumerate(first), (9, stranger))}
    header, *lines = text.splitlines()
    cells = [",".join((names[a], names.get(b, b), *rest)) for a, b, *rest in (line.split(",") for line in lines)]
    if setting != "pairs":
        cells = [",".join((names[line.split(",")[0]], *line.split(",")[1:])) for line in lines]
    (tmp_path / "list.csv").write_text("\n".join([header, *cells]))
    given = [f"{setting}={tmp_path / 'list.csv'}"]
    given += ["protocol=breakdown", "protocol.breakdown.columns=[hat,yaww]"] if setting == "metadata" else []
    with pytest.raises((ConfigurationError, DataError), match=sentence):
        run(tmp_path / "run", f"checkpoint={trained.directory}", *given)
    assert not (tmp_path / "run").exists()


def test_pairs_of_templates_are_compared_with_their_identities(tmp_path):
    names, _ = write_people(tmp_path / "v.npz", people=3)
    templates = [f"{name},T{number // 3}" for number, name in enumerate(names)]
    (tmp_path / "t.csv").write_text("\n".join(["image,template", *templates]))
    given = [f"embeddings={tmp_path / 'v.npz'}", f"templates={tmp_path / 't.csv'}", f"pairs={tmp_path / 'p.csv'}"]
    (tmp_path / "p.csv").write_text("first,second,same\nT0,T1,1\nT0,T2,0\n")
    found, _ = run(tmp_path / "run", *given)
    assert found.test.scalars["pairs/auc"].counts["genuine"] == 1
    (tmp_path / "p.csv").write_text("first,second,same\nT0,T1,0\nT0,T2,1\n")
    with pytest.raises(DataError, match="2 of the 2 comparisons .* contradict the identities"):
        run(tmp_path / "refused", *given)


def test_broken_validation_embeddings_follow_the_same_rule(tmp_path):
    source = parts.build_source(to_plain(composed(*TRAINED)))
    test, validation = source.test(), source.validation()
    names = [*test.image_ids, *validation.image_ids]
    vectors = np.random.default_rng(0).normal(size=(len(names), 8))
    given = (f"embeddings={tmp_path / 'v.npz'}", "data=rendered_faces", "rehearsal=true")
    for broken, kind in ((np.nan, "1 holds NaN or infinite numbers"), (0, "1 is all zeros")):
        some = vectors.copy()
        some[-1] = broken
        np.savez(tmp_path / "v.npz", names=np.array(names), emb=some)
        with pytest.raises(DataError, match=rf"validation images from '.*v.npz' {kind}, .* '{names[-1]}'; mend"):
            run(tmp_path / "refused", *given)
        assert not (tmp_path / "refused").exists()
        found, told = run(tmp_path / f"run-{broken}", *given, "invalid=exclude")
        assert f"1 of {len(validation)} validation images have no usable embedding from '{tmp_path / 'v.npz'}'" in told
        assert "verification/calibration" in found.test.tables
        assert found.test.scalars["acquisition/fta"].value == 0
    some = vectors.copy()
    some[len(test) :] = 0
    np.savez(tmp_path / "v.npz", names=np.array(names), emb=some)
    found, told = run(tmp_path / "none", *given, "invalid=exclude")
    assert "so few are left that there is no threshold" in told
    assert "verification/calibration" not in found.test.tables
    np.savez(tmp_path / "v.npz", names=np.array(names[:-2]), emb=vectors[:-2])
    _, told = run(tmp_path / "fewer", *given)
    assert f"lacks the embeddings of 2 of the {len(validation)} validation images" in told


def test_images_of_two_sets_that_share_a_name_are_refused(tmp_path):
    from resemblance.data.faces import FaceDataset
    from resemblance.evaluating.files.embeddings import NamedEmbeddings
    from resemblance.evaluating.from_file import of_data_set
    from resemblance.evaluating.images import Images

    def of(*names):
        return FaceDataset(torch.zeros(2, 3, 4, 4, dtype=torch.uint8), torch.arange(2), names, ["x", "y"])

    images = Images(of("a/1.png", "b/2.png"), of("b/1.png", "c/3.png"), None, None, None)
    file = NamedEmbeddings(["1.png", "2.png", "3.png"], torch.eye(3), ["a", "b", "c"])
    with pytest.raises(DataError, match="Two images of the data set match one name of 'v.npz'"):
        of_data_set(file, "v.npz", images, None)


def test_metadata_are_broken_down_by_unasked(tmp_path):
    names, _ = write_people(tmp_path / "v.npz")
    lines = [f"{name},{'ab'[k // 60]}" for k, name in enumerate(names)]
    (tmp_path / "m.csv").write_text("image,hat\n" + "\n".join(lines))
    for protocol in ((), ("protocol=one_shot",)):
        given = (f"embeddings={tmp_path / 'v.npz'}", f"metadata={tmp_path / 'm.csv'}", *protocol)
        found, _ = run(tmp_path / f"run{len(protocol)}", *given)
        assert len(found.test.tables["breakdown/hat"].rows) == 2
