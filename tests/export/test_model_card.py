from __future__ import annotations

from datetime import datetime, timezone

import pytest
import yaml

from keras_gan.artifacts.about import LIMITS
from keras_gan.artifacts.artifact_entry import ArtifactEntry, Latency, Parity
from keras_gan.artifacts.file_entry import FileEntry
from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.export import About, Data, Manifest
from keras_gan.export.model_card import model_card
from keras_gan.metrics import EvaluationProtocol, Score

PROTOCOL = EvaluationProtocol("EffLite0", "1", 224, "bilinear", 500, 400, "digits:test", 3, "0.1.0")


def manifest(about: About) -> Manifest:
    entry = ArtifactEntry(
        format="onnx",
        filename="model.onnx",
        files=(FileEntry(path="model.onnx", size=1_500_000, sha256="0" * 64),),
        parity=(
            Parity(batch=1, max_abs_error=2e-6, psnr=None, tolerance=1e-4),
            Parity(batch=8, max_abs_error=3e-6, psnr=121.0, tolerance=1e-4),
        ),
        latency=(Latency(batch=8, median_ms=12.34, runs=9),),
    )
    return Manifest(
        name="digits",
        version=3,
        created=datetime(2026, 1, 2, tzinfo=timezone.utc),
        packages={"keras": "3.15.1"},
        training={"loss": {"class_name": "hinge"}, "g_updates": 70, "penalties": [], "jit_compile": False},
        latent_dim=12,
        num_classes=10,
        image_shape=(8, 8, 1),
        image_range=(-1.0, 1.0),
        inputs=(TensorSpec(name="z", dtype="float32", shape=(None, 12)),),
        outputs=(TensorSpec(name="image", dtype="float32", shape=(None, 8, 8, 1)),),
        artifacts=(entry,),
        about=about,
        machine="Linux x86_64, 2 cores",
    )


def section(card: str, title: str) -> str:
    return card.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0].strip()


def test_the_card_states_what_is_known():
    about = About(
        data=[Data(name="digits", licence="CC BY-SA 3.0", homepage="https://yann.lecun.org"), Data(name="mine")],
        metrics=[Score("KID-EffLite0", 0.0123, PROTOCOL, error=0.0004), Score("coverage", 0.9, PROTOCOL, None, True)],
        intended_use="To teach.",
        known_failures=["Sevens look like ones."],
    )
    card = model_card(manifest(about))
    assert "# digits, version 3" in card
    assert "grey images of 8 x 8 pixels, floats from -1 to 1, of 10 classes, from 12 random numbers" in section(
        card, "Model"
    )
    assert "- Training: loss hinge, g updates 70; the whole record" in section(card, "Model")
    assert section(card, "Intended use") == "To teach."
    assert section(card, "Limits").splitlines() == [f"- {limit}" for limit in LIMITS]
    assert "| digits |  | CC BY-SA 3.0 | https://yann.lecun.org |" in section(card, "Training data")
    assert "| mine |  | not stated |  |" in section(card, "Training data")
    kid, coverage = section(card, "Quality").splitlines()[-2:]
    assert kid.startswith("| KID-EffLite0 | 0.0123 +- 0.0004 | lower | extractor EffLite0, version 1")
    assert "split digits:test, seed 3" in kid
    assert coverage.startswith("| coverage | 0.9 | higher |")
    assert section(card, "Known failures") == "- Sevens look like ones."
    row = "| onnx | serving\\_default | `model.onnx` | 1.5 MB | 3.0e-06 | 121.0 dB | 12.3 ms at batch 8 |"
    assert row in section(card, "Artifacts")
    assert "Linux x86\\_64, 2 cores" in section(card, "Artifacts")


def test_the_card_says_what_is_not_known():
    card = model_card(manifest(About()))
    assert section(card, "Intended use") == "Not stated"
    assert section(card, "Training data") == "Not stated, nor is the licence."
    assert section(card, "Quality") == "Not measured."
    assert section(card, "Known failures").startswith("None reported")


def test_hubs_can_read_the_front_matter():
    _, front, _ = model_card(manifest(About(data=[Data(name='a "b": c')]))).split("---\n", 2)
    assert yaml.safe_load(front) == {
        "library_name": "keras-gan",
        "tags": ["gan", "class-conditional-image-generation"],
        "datasets": ['a "b": c'],
    }


def test_a_model_without_classes_is_unconditional():
    _, front, _ = model_card(manifest(About()).model_copy(update={"num_classes": None})).split("---\n", 2)
    assert yaml.safe_load(front)["pipeline_tag"] == "unconditional-image-generation"


@pytest.mark.parametrize("words", ["# one\n\n## two", "<script>x</script>", "a | b", "[x](javascript:y)", "`c`"])
def test_texts_of_users_are_escaped(words):
    card = model_card(manifest(About(data=[Data(name=words)], intended_use=words, limits=[words])))
    assert card.count("\n## ") == 7
    for raw in ("<script>", "a | b", "[x](", "`c`"):
        assert raw not in card.split("---\n", 2)[2]


def test_a_metric_without_a_number_is_none():
    about = About(metrics=[Score("KID-EffLite0", float("nan"), PROTOCOL)])
    assert (about.metrics[0].value, str(about.metrics[0])) == (None, "not a number")
    assert About.model_validate_json(about.model_dump_json()) == about


@pytest.mark.parametrize("wrong", [{"data": [{"licence": "MIT"}]}, {"metrics": "KID"}, {"limits": "one"}, {"data": 3}])
def test_other_contents_are_refused(wrong):
    with pytest.raises(ValueError, match="About"):
        About(**wrong)
