"""The report of a run: complete, safe, and made from any part of a run."""

import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from keras_gan import config, metrics, report
from keras_gan.cli.app import app
from keras_gan.report import chart, history, pictures
from keras_gan.report.verdicts import judge_health, judge_score

pytest.importorskip("jinja2")
NASTY = "<script>alert('x')</script> & \"quoted\""
PROTOCOL = metrics.EvaluationProtocol("EffLite0", "1", 224, "by hand", 10, 20, NASTY, 0, "0.1")


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, [str(a) for a in arguments])


class Page(HTMLParser):
    """Content that a browser would show."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.words, self.identifiers = [], [], [], []
        self.feed(text)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset", "data", "poster")]
        self.identifiers += [value for name, value in attrs if name == "id"]

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] != "style":
            self.words.append(data)


def write_run(folder):
    """A run as `keras-gan train` leaves it, with names that try to break out of the page."""
    samples = folder / "samples"
    samples.mkdir(parents=True)
    for epoch in range(12):
        Image.fromarray(np.full((40, 60, 3), 20 * epoch, np.uint8)).save(samples / f"epoch-{epoch:04d}.png")
    (folder / "walk").mkdir()
    for name in ("dimensions.png", "<b>.png"):
        shutil.copy(samples / "epoch-0001.png", folder / "walk" / name)
    shutil.copy(samples / "epoch-0001.png", folder / "neighbours.png")
    rows = ["epoch,d_loss,g_loss,<b>own</b>,kid,val_d_loss"]
    rows += [f"{i},{1 / (i + 1)},{2 + i},{3 * i},{'nan' if i % 2 else 0.1},NA" for i in range(11)]
    (folder / "history.csv").write_text("\n".join(rows) + "\n")
    config.save(config.GANConfig(name=NASTY, data=NASTY, epochs=11), folder / "config.yaml")
    scores = [metrics.Score("KID-EffLite0", 0.0123, PROTOCOL, 0.004), metrics.Score(NASTY, float("nan"), PROTOCOL)]
    (folder / "evaluation.json").write_text(json.dumps({"scores": [score.as_dict() for score in scores]}))
    finding = {"step": 75, "epoch": 2, "kind": "mode_collapse", "evidence": NASTY, "remedy": 'penalties=["r1"]'}
    (folder / "health.jsonl").write_text(json.dumps(finding) + "\n")
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = write_run(tmp_path_factory.mktemp("report") / "run <i>")
    result = run("report", folder)
    assert result.exit_code == 0, result.output
    return folder / "report.html"


@pytest.fixture(scope="module")
def page(made):
    return Page(made.read_text(encoding="utf-8"))


def test_it_needs_nothing_else(page):
    assert len(page.addresses) > 10
    assert not [a for a in page.addresses if not a.startswith(("data:image/", "#"))]
    assert all(address[1:] in page.identifiers for address in page.addresses if address.startswith("#"))
    (policy,) = [a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")


def test_names_do_not_break_out(page):
    assert not [tag for tag, _ in page.tags if tag in ("script", "i", "b", "iframe", "object")]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    for place in ("run <i>", f"{NASTY} trained on {NASTY}", "<b>own</b>", "mode collapse", f"{NASTY} penalties"):
        assert place in page.text
    assert NASTY in [value for _, a in page.tags for value in a.values()] or page.text.count("alert") >= 5


def test_it_says_what_there_is(page):
    assert "11 epochs." in page.text
    assert "KID-EffLite0 0.0123 0.004" in page.text
    assert "by hand" in page.text
    assert "75 mode collapse" in page.text
    assert "seed 0" in page.text
    captions = re.findall(r"Before training|Epoch \d+", page.text)
    assert captions == ["Epoch 11", "Before training", *(f"Epoch {n}" for n in (2, 3, 5, 6, 8, 9))]
    assert "One row for each dimension of z" in page.text
    images = [a for tag, a in page.tags if tag == "img"]
    assert all(image["alt"] and image["width"] == "60" and image["height"] == "40" for image in images)


def test_a_run_of_which_there_is_little(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    assert isinstance(run("report", folder).exception, FileNotFoundError)
    config.save(config.GANConfig(epochs=5), folder / "config.yaml")
    result = run("report", folder, "--output", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    text = Page((tmp_path / "page.html").read_text()).text
    assert "No epoch has been finished yet." in text
    assert "Failures were not looked for during this training." in text
    assert "Curves" not in text
    (folder / "history.csv").write_text("epoch,d_loss\n0,0.5\n1,0.25\n2,0.")
    (folder / "health.jsonl").write_text("")
    assert run("report", folder, "--output", tmp_path / "page.html").exit_code == 0
    text = Page((tmp_path / "page.html").read_text()).text
    assert "Unfinished: 3 of 5 epochs." in text
    assert "The tests of this training found no failure. Which tests they were is not known." in text


SUMMARY = {
    "steps": 470,
    "watched": ["divergence", "mode_collapse", "low_diversity"],
    "not_watched": {"discriminator_overfitting": "it needs held-out images"},
    "measured": {"spread": 0.29, "repeated": 0.97, "d_real": 0.98, "d_fake": 0.011},
}
COLLAPSED = {"recall-EffLite0": 0.0, "coverage-EffLite0": 0.02, "precision-EffLite0": 0.9, "MS-SSIM": 0.85}
GOOD = {"recall-EffLite0": 0.86, "coverage-EffLite0": 0.97, "precision-EffLite0": 0.88, "MS-SSIM": 0.13}


def page_of(folder, scores, summary):
    """The page of a run in which TrainingHealth found nothing."""
    folder.mkdir()
    config.save(config.GANConfig(epochs=5), folder / "config.yaml")
    (folder / "history.csv").write_text("epoch,d_loss\n" + "".join(f"{epoch},0.5\n" for epoch in range(5)))
    (folder / "health.jsonl").write_text("")
    (folder / "health_summary.json").write_text(json.dumps(summary))
    found = [metrics.Score(name, value, PROTOCOL) for name, value in {**scores, "MS-SSIM of real images": 0.08}.items()]
    (folder / "evaluation.json").write_text(json.dumps({"scores": [score.as_dict() for score in found]}))
    result = run("report", folder)
    assert result.exit_code == 0, result.output
    return Page((folder / "report.html").read_text())


def coloured(page, level):
    return [tag for tag, attributes in page.tags if attributes.get("class") == level]


def test_the_page_of_a_collapsed_run_says_so_in_words_and_colours(tmp_path):
    page = page_of(tmp_path / "run", COLLAPSED, SUMMARY)
    assert "6 problems" in page.text
    for problem in (
        "diversity of the generated images, relative to real ones: 29%",
        "above that of real images: 97%: the generated images repeat each other",
        "mean output of D for generated images: 0.011: D recognises nearly every generated image",
        "recall-EffLite0 0: most kinds of real images are never generated",
        "coverage-EffLite0 0.02: most real images have no similar generated image",
        "MS-SSIM 0.85: the generated images are more alike than real ones",
    ):
        assert problem in page.text
    assert "Tested in 470 steps: divergence, mode collapse, low diversity. None of these was found." in page.text
    assert "Not tested: discriminator overfitting, because it needs held-out images." in page.text
    assert len(coloured(page, "bad")) == 12  # each in the list and in its table
    assert coloured(page, "good") == ["td"]  # the precision


def test_the_page_of_a_good_run_has_no_problem(tmp_path):
    measured = {"spread": 1.01, "repeated": -0.02, "d_real": 0.6, "d_fake": 0.4, "r_v": 0.05}
    page = page_of(tmp_path / "run", GOOD, {**SUMMARY, "not_watched": {}, "measured": measured})
    assert not re.search(r"\d problems?", page.text)
    assert coloured(page, "bad") == coloured(page, "warn") == []
    assert len(coloured(page, "good")) == 8
    assert "Not tested" not in page.text


@pytest.mark.parametrize("summary", ['{"steps": ', '{"steps": 5}', '{"measured": 3}', "[]"])
def test_a_damaged_summary_says_nothing(tmp_path, summary):
    folder = tmp_path / "run"
    page_of(folder, GOOD, SUMMARY)
    (folder / "health_summary.json").write_text(summary)
    assert run("report", folder).exit_code == 0
    assert "Which tests they were is not known." in Page((folder / "report.html").read_text()).text


# Rows of docs/measurements/diversity.md: precision, recall, coverage, MS-SSIM and the expected levels.
GENERATORS = {
    "real": ((0.88, 0.86, 0.97, 0.13), "good good good good"),
    "quickstart": ((0.21, 0.289, 0.21, 0.16), "good good good good"),
    "1 image": ((0.92, 0.0, 0.02, 0.99), "good bad bad bad"),
    "3 images": ((0.61, 0.0, 0.03, 0.46), "good bad bad bad"),
    "30 images": ((0.80, 0.0, 0.20, 0.16), "good bad warn good"),
    "90 % from 3 images": ((0.65, 0.89, 0.43, 0.38), "good good warn warn"),
    "3 of 10 classes": ((0.84, 0.59, 0.67, 0.17), "good good warn good"),
}


@pytest.mark.parametrize("name", GENERATORS)
def test_verdicts_on_generators_that_collapsed_in_part(name):
    values, expected = GENERATORS[name]
    scores = dict(zip(("precision-E", "recall-E", "coverage-E", "MS-SSIM"), values, strict=True))
    scores["MS-SSIM of real images"] = 0.13
    levels = [judge_score(key, value, scores).level for key, value in list(scores.items())[:4]]
    assert " ".join(levels) == expected


def test_a_value_that_says_nothing_alone_has_no_verdict():
    assert judge_score("KID-EffLite0", 3.0, {}) is None
    assert judge_score("recall-EffLite0", float("nan"), {}) is None
    assert judge_score("MS-SSIM", 0.9, {}) is None
    assert judge_health("unknown", 1.0) is None


def test_what_is_damaged_is_named(tmp_path):
    folder = write_run(tmp_path / "run")
    for name in ("neighbours.png", "samples/epoch-0000.png", "samples/epoch-0011.png"):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])
    (folder / "samples" / "epoch-last.png").write_bytes(b"")
    (folder / "evaluation.json").write_text('{"scores": [{"name": "KID"}]}')
    with (folder / "health.jsonl").open("a") as file:
        file.write('{"step": 100, "kind": "div')
    with (folder / "history.csv").open("a") as file:
        file.write("11,0.1")
    result = run("report", folder)
    assert result.exit_code == 0, result.output
    text = Page((folder / "report.html").read_text()).text
    assert "evaluation.json cannot be read" in text
    assert "1 lines of health.jsonl cannot be read" in text
    assert "mode collapse" in text
    assert "Epoch 11" not in text
    assert "Epoch 9" in text
    assert "12 epochs" in text


def test_the_curves_are_where_the_values_are():
    values = (1.0, 3.0, None, float("nan"), 2.0)
    (found,) = chart.charts(history.History((1, 2, 3, 4, 5), {"d_loss": values}))
    (curve,) = found.curves
    assert found.broken == ("d_loss in epoch 4",)
    assert curve.last == "2"
    pen = re.findall(r"([ML])([\d.]+) ([\d.]+)", curve.path)
    assert [letter for letter, _, _ in pen] == ["M", "L", "M"]
    x, y = (np.array([float(point[i]) for point in pen]) for i in (1, 2))
    places = {text: place for place, text in found.y_ticks}
    expected = np.interp([1, 3, 2], [float(t) for t in places], list(places.values()))
    np.testing.assert_allclose(y, expected, atol=0.11)
    at = {text: place for place, text in found.x_ticks}
    np.testing.assert_allclose(x, [at["1"], at["2"], at["5"]])


def test_figures_over_decades_have_a_logarithmic_axis():
    (found,) = chart.charts(history.History((1, 2, 3), {"g_grad_norm": (1e-3, 1e-1, 10.0)}))
    assert found.logarithmic
    heights = [y for _, y in found.curves[0].dots]
    np.testing.assert_allclose(np.diff(heights), np.mean(np.diff(heights)), atol=0.11)
    assert {text for _, text in found.y_ticks} == {"0.001", "0.01", "0.1", "1", "10"}


@pytest.mark.parametrize("values", [(0.0,), (5.0, 5.0), (-1e-9, 1e9), (1e-300, 1e300), (-3.0, float("inf"))])
def test_any_values_have_a_chart(values):
    (found,) = chart.charts(history.History(tuple(range(1, len(values) + 1)), {"own": values}))
    for x, y in (*found.curves[0].dots, *((0, tick) for tick, _ in found.y_ticks)):
        assert 0 <= x <= chart.WIDTH
        assert 0 <= y <= chart.HEIGHT
    assert 2 <= len(found.y_ticks) <= 9


def test_groups_and_long_histories():
    names = ["d_x_loss", "g_loss", "cycle_x", "mine", "val_g_loss"]
    values = tuple(np.sin(np.arange(5000)))
    found = chart.charts(history.History(tuple(range(1, 5001)), dict.fromkeys(names, values)))
    assert [[curve.name for curve in one.curves] for one in found] == [
        ["g_loss", "val_g_loss", "d_x_loss"],
        ["cycle_x"],
        ["mine"],
    ]
    assert found[0].curves[1].dashed
    assert found[0].curves[0].path.count("L") < 600


def test_large_pictures_become_small(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (600, 1600, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.png")
    found = pictures.picture(tmp_path / "large.png", "large")
    assert found.uri.startswith("data:image/webp;base64,")
    assert (found.width, found.height) == (1600, 600)
    assert len(found.uri) < (tmp_path / "large.png").stat().st_size / 2


def test_a_translation_has_both_rows(tmp_path):
    figures = {"kernel": {"mean": 0.01, "std": 0.0}, "frechet": 12.5, "top_1": 0.5, "top_5": None, "distance": None}
    translation = {"translated": figures, "identity": figures, "protocol": {"extractor": "EffLite0"}, "generator": "g"}
    (tmp_path / "evaluation.json").write_text(json.dumps(translation))
    text = Page(report.render(tmp_path, config.CycleGANConfig(data={"x": "a", "y": "b"}))).text
    assert "translated 0.01 12.5 0.5 unchanged 0.01 12.5 0.5" in text
    assert "trained on a and b" in text


def test_no_tensorflow_and_a_missing_jinja_is_said(tmp_path):
    folder = write_run(tmp_path / "run")
    script = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None; {}from keras_gan.cli import main; main()"
    )
    for hidden, code in (("", 0), ("sys.modules['jinja2'] = None; ", 1)):
        command = [sys.executable, "-c", script.format(hidden), "report", str(folder)]
        child = subprocess.run(command, capture_output=True, text=True, check=False)
        assert child.returncode == code, child.stderr
    assert "[report]'" in child.stderr


@pytest.mark.reference
def test_a_browser_shows_it_on_a_phone(made):
    browser = os.environ.get("KERAS_GAN_CHROMIUM") or shutil.which("chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    asked, said = [], []
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(made.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth === 60)")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 28)"
        chromium.close()
    assert [url for url in asked if not url.startswith("data:")] == [made.as_uri()]
    assert not said
