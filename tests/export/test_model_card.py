from __future__ import annotations

import re
from datetime import datetime, timezone

import numpy as np
import pytest
import yaml
from PIL import Image

from keras_gan.artifacts.about import LIMITS
from keras_gan.artifacts.artifact_entry import ArtifactEntry, Latency, Parity
from keras_gan.artifacts.file_entry import FileEntry
from keras_gan.artifacts.manifest import Translation
from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.export import About, Data, Manifest, load, usage
from keras_gan.export.model_card import model_card
from keras_gan.images import to_uint8
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


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("CC BY 4.0", {"license": "cc-by-4.0"}),
        ("MIT", {"license": "mit"}),
        ("Ours: no 'copies'", {"license": "other", "license_name": "Ours: no 'copies'"}),
    ],
)
def test_the_licence_is_metadata_and_text(licence, expected):
    card = model_card(manifest(About(licence=licence)))
    found = yaml.safe_load(card.split("---\n", 2)[1])
    assert {name: value for name, value in found.items() if "license" in name} == expected
    assert f"- Licence: {licence}" in section(card, "Model")
    assert "- Licence: not stated" in section(model_card(manifest(About())), "Model")


# ------------------------------------------------------------------ how to call the files


def test_each_file_has_a_row_with_its_names_types_and_shapes(exported_targets):
    card = (exported_targets / "model_card.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in section(card, "Use").splitlines() if line.startswith("| `")]
    described = {(row[0].strip("| `"), row[1]): row[2:] for row in rows}
    found = Manifest.load(exported_targets)
    assert {name for name, _ in described} == {entry.filename for entry in found.artifacts}
    image = "({}, {}, {})".format(*found.image_shape).replace("(", "(n, ")
    assert described["model_int8.tflite", "`generate_b1`, `generate_b4`"][1].startswith(f"`image` uint8 {image}")
    assert described["model.tflite", "`generate_b1`, `generate_b4`"] == [
        "`seed` int32 (n), `index` int32 (n), `truncation` float32 (n), `labels` int32 (n)",
        f"`image` float32 {image} |",
    ]
    assert described["saved_model.pb", "`png`"][1] == "`image_bytes` string (n) |"
    assert described["model_generate.onnx", "no signatures"][0].startswith("`seed` int32 (n)")
    z = f"`z` float32 (n, {found.latent_dim}), `labels` int32 (n)"
    assert described["model.tflite", "`serving_default_b1`, `serving_default_b4`"][0] == z
    if ("model_gpu.tflite", "`serving_default`") in described:
        assert described["model_gpu.tflite", "`serving_default`"][0] == z.replace("(n", "(1")


def test_the_names_of_signatures_are_those_in_the_files(exported_targets):
    interpreter = pytest.importorskip("ai_edge_litert.interpreter").Interpreter
    found = Manifest.load(exported_targets)
    for filename in {entry.filename for entry in found.artifacts if entry.filename.endswith(".tflite")}:
        names = [name for entry in found.artifacts if entry.filename == filename for name in entry.signatures]
        assert sorted(names) == sorted(interpreter(str(exported_targets / filename)).get_signature_list())


def code_of(card):
    return re.search(r"```python\n(.*?)```", section(card, "Use"), re.DOTALL)[1]


def without(formats, found):
    artifacts = tuple(entry for entry in found.artifacts if not entry.format.startswith(formats))
    return model_card(found.model_copy(update={"artifacts": artifacts}))


def test_the_code_of_the_card_makes_the_model_s_image(exported_targets, tmp_path, monkeypatch):
    for file in exported_targets.glob("model*"):
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.chdir(tmp_path)
    found = Manifest.load(exported_targets)
    expected = to_uint8(load(exported_targets, "onnx").generate(1, labels=0, seed=7))[0]
    cards = {"onnxruntime": model_card(found), "ai_edge_litert": without("onnx", found)}
    for module, card in cards.items():
        assert module in code_of(card)
        assert "keras_gan" not in code_of(card)
        exec(code_of(card), {})
        shown = np.asarray(Image.open("image.png")).reshape(expected.shape)
        assert np.abs(shown.astype(int) - expected).max() <= 1
        (tmp_path / "image.png").unlink()
    assert "```" not in without(("onnx", "tflite"), found)


def test_the_preview_is_of_the_model(exported_targets):
    card = (exported_targets / "model_card.md").read_text(encoding="utf-8")
    assert "![Images from the model](preview.png)" in card
    with Image.open(exported_targets / "preview.png") as preview:
        assert preview.size[0] > preview.size[1]
    assert "preview.png" in {file.path for file in Manifest.load(exported_targets).files}


def test_a_translator_s_card_has_its_sizes_and_the_way_from_a_photograph():
    specs = {"dtype": "uint8", "shape": (None, None, None, 3)}
    source, image = (TensorSpec(name=name, **specs) for name in ("source", "image"))
    entry = (
        manifest(About())
        .artifacts[0]
        .model_copy(
            update={
                "filename": "model_uint8.onnx",
                "signature": "uint8",
                "dtype": "uint8",
                "inputs": (source,),
                "outputs": (image,),
            }
        )
    )
    translation = Translation(generator="g", size_multiple=8, image_sizes=((64, 96),), examples="given")
    facts = {"kind": "translator", "latent_dim": None, "num_classes": None, "translation": translation}
    facts |= {"artifacts": (entry,), "image_shape": (None, None, 3)}
    use = section(model_card(manifest(About()).model_copy(update=facts)), "Use")
    assert "| `model_uint8.onnx` | no signatures | `source` uint8 (n, h, w, 3) | `image` uint8 (n, h, w, 3) |" in use
    assert "divisible by 8" in use
    assert "TFLite files take images of 64 x 96 pixels, height first." in use
    assert '.convert("RGB").resize((96, 64))' in use
    assert "ready to show" in use


@pytest.mark.parametrize(
    ("image_range", "value", "byte"),
    [((-1.0, 1.0), 0.5, 191.25), ((0.0, 1.0), 0.5, 127.5), ((-3.0, 2.0), 0.5, 178.5)],
)
def test_the_byte_of_a_value(image_range, value, byte):
    formula = usage._byte(*image_range)
    assert eval(formula, {"value": value}) == pytest.approx(byte)


def test_a_model_without_classes_is_unconditional():
    _, front, _ = model_card(manifest(About()).model_copy(update={"num_classes": None})).split("---\n", 2)
    assert yaml.safe_load(front)["pipeline_tag"] == "unconditional-image-generation"


@pytest.mark.parametrize("words", ["# one\n\n## two", "<script>x</script>", "a | b", "[x](javascript:y)", "`c`"])
def test_texts_of_users_are_escaped(words):
    card = model_card(manifest(About(data=[Data(name=words)], intended_use=words, limits=[words])))
    assert card.count("\n## ") == 8
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
