"""What the README prints runs as printed."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent


def blocks(language, page="README.md"):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.S)


def run(script, folder):
    return subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)


def test_the_scripts_run_one_after_the_other_with_one_epoch_of_few_images(tmp_path):
    first, objectives, artifact = blocks("python")
    short = first.replace("epochs=20", "epochs=1").replace("batch_size=32", "batch_size=32, limit=96")
    assert short.count("epochs=1,") == short.count("limit=96") == 1
    fit = "gan.fit(digits, epochs=1, verbose=0)"
    child = run("\n".join([short, objectives, fit, artifact, "print(images.shape)"]), tmp_path)
    assert child.returncode == 0, child.stderr[-2000:]
    assert "KerasGANWarning" not in child.stderr
    assert "pass" in child.stdout
    assert child.stdout.endswith("(16, 28, 28, 1)\n")
    assert {p.name for p in tmp_path.iterdir()} == {"exported", "gan.keras", "samples"}


@pytest.mark.slow
def test_the_first_script_runs_as_printed(tmp_path):
    child = run(blocks("python")[0], tmp_path)
    assert child.returncode == 0, child.stderr[-2000:]
    assert (tmp_path / "samples" / "epoch-0020.png").exists()


def test_the_commands_it_names_exist():
    text = (ROOT / "README.md").read_text()
    known = subprocess.run([sys.executable, "-m", "keras_gan", "--help"], capture_output=True, text=True, check=True)
    for command in set(re.findall(r"^ +keras-gan (\w+)", text, re.M)):
        assert command in known.stdout
    for target in set(re.findall(r"(?:^ +|`)make ([a-z-]+)", text, re.M)):
        assert f"\n{target}:" in (ROOT / "Makefile").read_text()


def test_the_pictures_and_pages_it_shows_are_there():
    for page in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!http)([^)]+)\)", (ROOT / page).read_text()):
            assert (ROOT / page).parent.joinpath(target).exists(), target


def test_the_translation_pages_script_runs_with_small_networks(tmp_path):
    (script,) = blocks("python", "docs/translation.md")
    for folder in ("photos", "monets"):
        (tmp_path / folder).mkdir()
        for i in range(2):
            pixels = np.random.default_rng(i).integers(0, 256, (24, 24, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / folder / f"{i}.png")
    short = script.replace("256", "24").replace("epochs=200", "epochs=1")
    short = short.replace("generator(shape)", "generator(shape, blocks=1, filters=2)")
    short = short.replace("discriminator(shape)", "discriminator(shape, filters=2)")
    child = run(f"{short}\nprint(monet.translate(cyclegan.pool_x.images.numpy()[:2]).shape)", tmp_path)
    assert child.stdout.splitlines()[-1:] == ["(2, 24, 24, 3)"], child.stderr[-2000:]


def test_the_guides_form_runs(tmp_path):
    script = (ROOT / "examples" / "keras_guide.py").read_text()
    short = script.replace('load("digits")', 'load("digits", limit=128)').replace("epochs: int = 10", "epochs: int = 1")
    child = run(short, tmp_path)
    assert child.returncode == 0, child.stderr[-2000:]
    assert (tmp_path / "guide_samples" / "epoch-0001.png").exists()
