"""The explorer in a real browser, on models exported for it."""

import base64
import io
import json
import os
import shutil
import threading
from contextlib import contextmanager

import export_models as models
import numpy as np
import pytest
from PIL import Image
from serving_models import write_generator

from keras_gan import latent
from keras_gan.export import export_generator, load
from keras_gan.networks import dcgan
from keras_gan.serving.options import Options
from keras_gan.serving.server import Server

CHROMIUM = os.environ.get("KERAS_GAN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.reference
expect = playwright.expect
expect.set_options(timeout=60_000)
LATENT, CLASSES = 40, 10
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return tmp_path_factory.mktemp("exported")


@pytest.fixture(scope="module")
def digits(exported):
    generator = models.lively(dcgan.generator((28, 28, 1), LATENT, CLASSES, filters=4))
    gan = models.StandIn(generator, CLASSES, name="digits", latent_dim=LATENT)
    return export_generator(gan, exported, ["onnx"]).path


@pytest.fixture(scope="module")
def facades(exported):
    return export_generator(models.unet(), exported, ["onnx"]).path


@contextmanager
def serving(folder, **options):
    server = Server(Options(folder, rest_port=0, grpc_port=None, poll_seconds=-1, **options))
    up = threading.Event()
    thread = threading.Thread(target=server.run, args=(lambda _: up.set(),))
    thread.start()
    assert up.wait(60)
    try:
        yield f"http://127.0.0.1:{server.rest_port}"
    finally:
        server.stop()
        thread.join(60)


@pytest.fixture(scope="module")
def url(exported, digits, facades):
    with serving(exported) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser):
    context = browser.new_context(viewport=DESKTOP, accept_downloads=True)
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def page(context, url):
    """A page on the digits, which must not have said anything on the console when the test is over."""
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith((url, "blob:")) else None)
    go(page, url)
    yield page
    assert said == []


def go(page, url, fragment=""):
    page.goto("about:blank")
    page.goto(f"{url}/#{fragment}")
    settle(page)


def settle(page):
    """Wait until all images are there and the address says the state."""
    for part in (".picture", "#grid", ".controls"):
        expect(page.locator(part)).to_have_attribute("aria-busy", "false")
    page.wait_for_timeout(200)


def pixels(page, selector="#canvas"):
    data = page.locator(selector).first.evaluate("canvas => canvas.toDataURL('image/png')")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))).convert("RGB")).astype(int)


def drawn(digits, z, label):
    """Image of the artifact for z, as the page should show it."""
    images = load(digits)(np.asarray(z, np.float32)[None], [label])
    return np.rint((images[0] + 1) * 127.5).repeat(3, axis=-1).astype(int)


def slide(page, selector, value):
    page.locator(selector).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )
    settle(page)


def z_of(seed):
    return latent.sample(1, LATENT, seed)[0]


# ------------------------------------------------------------------ seeds


def test_the_image_of_a_seed_is_the_artifacts(page, digits):
    page.get_by_role("radio", name="Seed 13, class 3").click()
    settle(page)
    assert np.abs(pixels(page) - drawn(digits, z_of(13), 3)).max() <= 1
    assert np.abs(pixels(page, "#grid [data-seed='13'] canvas") - pixels(page)).max() == 0
    assert "seed=13" in page.url


def test_class_and_truncation(page, digits):
    page.get_by_role("radio", name="Seed 2, class 2").click()
    page.locator("#class").select_option("7")
    slide(page, "#truncation", 0.5)
    assert np.abs(pixels(page) - drawn(digits, z_of(2) * np.float32(0.5), 7)).max() <= 1
    expect(page.locator("#caption")).to_have_text("Seed 2, class 7, truncation 0.5")
    assert np.abs(pixels(page, "#grid [data-seed='3'] canvas") - drawn(digits, z_of(3) * 0.5, 7)).max() <= 1


@pytest.mark.slow
def test_pages_of_seeds(page):
    page.get_by_role("button", name="Later seeds").click()
    settle(page)
    expect(page.get_by_role("radio", name="Seed 20, class 0")).to_be_checked()
    page.get_by_label("From").fill("2147483647")
    page.keyboard.press("Enter")
    settle(page)
    expect(page.get_by_role("radio")).to_have_count(20)
    expect(page.get_by_role("button", name="Later seeds")).to_be_disabled()
    page.get_by_label("From").fill("-1")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Random").click()
    settle(page)
    expect(page.locator("#problem")).to_be_hidden()


# ------------------------------------------------------------------ what changes an image


@pytest.mark.slow
def test_a_dimension_moves(page, digits):
    page.get_by_role("tab", name="Dimensions").click()
    page.get_by_role("button", name="Later dimensions").click()
    expect(page.locator("#dimensions-shown")).to_have_text(f"16 to 31 of {LATENT}")
    slide(page, "#slider-17", 2.5)
    z = z_of(0)
    z[17] = 2.5
    assert np.abs(pixels(page) - drawn(digits, z, 0)).max() <= 1
    assert np.abs(pixels(page) - drawn(digits, z_of(0), 0)).max() > 5
    page.get_by_role("button", name="Undo z[17]").click()
    settle(page)
    assert np.abs(pixels(page) - drawn(digits, z_of(0), 0)).max() <= 1
    page.get_by_role("button", name="Later dimensions").click()
    expect(page.locator("#dimensions-shown")).to_have_text(f"32 to 39 of {LATENT}")
    expect(page.get_by_role("button", name="Later dimensions")).to_be_disabled()


@pytest.mark.parametrize(("method", "title"), [("sefa", "SeFa"), pytest.param("pca", "PCA", marks=pytest.mark.slow)])
def test_a_direction_moves_and_its_ends_are_shown(page, digits, method, title):
    page.get_by_label("Found by").select_option(title)
    settle(page)
    vector = latent.load_directions(digits)[method].vectors[2]
    row = f".slider:has(#slider-{method}-2)"
    assert np.abs(pixels(page, f"{row} canvas") - drawn(digits, z_of(0) - 3 * vector, 0)).max() <= 1
    slide(page, f"#slider-{method}-2", -1.5)
    assert np.abs(pixels(page) - drawn(digits, z_of(0) - 1.5 * vector, 0)).max() <= 1
    expect(page.locator("#caption")).to_have_text("Seed 0, class 0, changed")
    slide(page, "#truncation", 0.5)
    assert np.abs(pixels(page) - drawn(digits, z_of(0) / 2 - 1.5 * vector, 0)).max() <= 1
    slide(page, "#truncation", 1)
    page.get_by_role("button", name="Undo changes").click()
    settle(page)
    assert np.abs(pixels(page) - drawn(digits, z_of(0), 0)).max() <= 1


@pytest.mark.slow
def test_between_two_seeds(page, digits):
    page.get_by_role("tab", name="Between two").click()
    page.get_by_label("To seed").fill("9")
    page.keyboard.press("Enter")
    slide(page, "#mix", 0.25)
    path = latent.slerp(z_of(0), z_of(9), 9)
    assert np.abs(pixels(page) - drawn(digits, path[2], 0)).max() <= 1
    page.get_by_role("button", name="75 % of the way").click()
    settle(page)
    assert np.abs(pixels(page) - drawn(digits, path[6], 0)).max() <= 1
    expect(page.get_by_role("button", name="75 % of the way")).to_be_focused()


@pytest.mark.slow
def test_a_direction_of_examples(page, digits):
    page.get_by_role("tab", name="Your own").click()
    for seed, side in [(1, "with"), (5, "with"), (3, "with"), (3, "without"), (8, "without")]:
        page.locator(f"#grid [data-seed='{seed}']").click()
        page.locator(f"#add-{side}").click()
    page.locator("#grid [data-seed='0']").click()
    slide(page, "#slider-own", 2)
    z = np.stack([z_of(seed) for seed in (1, 5, 3, 8)])
    direction = latent.attribute(z, np.array([True, True, False, False]))
    assert np.abs(pixels(page) - drawn(digits, z_of(0) + 2 * direction, 0)).max() <= 1
    page.get_by_role("button", name="Remove seed 3").click()
    page.get_by_role("button", name="Remove seed 8").click()
    settle(page)
    expect(page.locator("#slider-own")).to_have_count(0)


# ------------------------------------------------------------------ links and files


def test_the_shared_link_restores_the_image(page, context, url, digits):
    page.get_by_role("button", name="Later seeds").click()
    page.get_by_role("radio", name="Seed 24, class 4").click()
    slide(page, "#slider-sefa-1", 2)
    page.get_by_role("tab", name="Dimensions").click()
    page.get_by_role("button", name="Later dimensions").click()
    slide(page, "#slider-18", -3)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#notice")).to_have_text("Copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    other = context.new_page()
    other.goto(link)
    settle(other)
    np.testing.assert_array_equal(pixels(other), pixels(page))
    expect(other.locator("#caption")).to_have_text("Seed 24, class 4, changed")
    expect(other.get_by_role("tab", name="Dimensions")).to_have_attribute("aria-selected", "true")
    assert other.locator("#slider-18").input_value() == "-3"
    assert other.url == link
    z = z_of(24)
    z[18] = -3
    z = z + 2 * latent.load_directions(digits)["sefa"].vectors[1]
    assert np.abs(pixels(other) - drawn(digits, z, 4)).max() <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "fragment",
    ["seed=x&label=-1&truncation=9&z=a:1,3&along=b&mix=2&with=,&tab=x", "z=99999:1&along=nope:3:2,sefa:99:1&to=1e99"],
)
def test_a_link_without_sense_shows_a_seed(page, url, digits, fragment):
    go(page, url, fragment)
    assert np.abs(pixels(page) - drawn(digits, z_of(0), 0)).max() <= 1


@pytest.mark.slow
def test_a_link_to_a_version_that_is_gone_says_so(page, url):
    go(page, url, "model=digits&version=7&seed=4")
    expect(page.locator("#gone")).to_have_text("The link's model is not on this server. This is digits, version 1.")
    expect(page.locator("#caption")).to_have_text("Seed 4, class 4")
    go(page, url, "model=digits&seed=4")
    expect(page.locator("#gone")).to_be_hidden()


def test_downloads_have_the_seed_in_their_name(page):
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "digits-v1-seed0-class0.png"
    asked = np.asarray(Image.open(download.value.path()).convert("RGB")).astype(int)
    np.testing.assert_array_equal(asked, pixels(page))
    slide(page, "#slider-sefa-0", 3)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "digits-v1-seed0-class0-edited.png"
    edited = np.asarray(Image.open(download.value.path()).convert("RGB")).astype(int)
    np.testing.assert_array_equal(edited, pixels(page))
    assert np.abs(edited - asked).max() > 5


# ------------------------------------------------------------------ keyboard, phone, load


def test_a_keyboard_is_enough(page):
    page.locator("body").press("Tab")
    reached = []
    for _ in range(60):
        focused = page.evaluate(
            """() => { const e = document.activeElement; const style = getComputedStyle(e);
            return [e.id || e.dataset.seed || e.tagName, style.outlineStyle, parseFloat(style.outlineWidth)]; }"""
        )
        if focused[0] == "BODY":
            break
        assert focused[1:] == ["solid", 3], focused
        reached.append(focused[0])
        page.keyboard.press("Tab")
    assert {"model", "download", "first", "truncation", "0", "tab-directions", "slider-sefa-0"} <= set(reached)
    page.locator("#grid [tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#grid [data-seed='6']")).to_be_focused()
    expect(page.locator("#grid [data-seed='6']")).to_be_checked()
    page.keyboard.press("End")
    expect(page.locator("#grid [data-seed='19']")).to_be_focused()
    page.keyboard.press("PageDown")
    expect(page.locator("#grid [data-seed='20']")).to_be_focused()
    page.locator("#tab-directions").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-dimensions")).to_be_focused()
    expect(page.locator("#panel-dimensions")).to_be_visible()
    expect(page.locator("#panel-directions")).to_be_hidden()
    before = pixels(page)
    page.locator("#slider-0").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    settle(page)
    assert np.abs(pixels(page) - before).max() > 0


@pytest.mark.slow
def test_every_control_has_a_name(page, url):
    for fragment in ("tab=directions", "tab=dimensions", "tab=between&to=3", "tab=own&with=1&without=2"):
        go(page, url, fragment)
        nameless = page.evaluate(
            """[...document.querySelectorAll('button, input, select')].filter(e => e.offsetParent !== null
            && !(e.labels?.[0]?.textContent.trim() || e.getAttribute('aria-label') || e.textContent.trim()))
            .map(e => e.outerHTML)"""
        )
        assert nameless == []


@pytest.mark.parametrize(
    "tab", ["directions", *(pytest.param(tab, marks=pytest.mark.slow) for tab in ("dimensions", "between", "own"))]
)
def test_a_phone_need_not_scroll_sideways(page, url, tab):
    page.set_viewport_size(PHONE)
    go(page, url, f"tab={tab}&to=3&mix=0.5&with=2147483647,5,6,7,8&without=9&first=2147483600&seed=2147483601&z=3:-2")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.locator("#canvas")).to_be_in_viewport()


def test_dragging_asks_for_one_image_at_a_time_and_ends_on_the_last(page, digits):
    flying, most, asked = 0, 0, 0

    def start(request):
        nonlocal flying, most, asked
        if request.url.endswith(":predict") and len(json.loads(request.post_data)["inputs"]["z"]) == 1:
            flying, asked = flying + 1, asked + 1
            most = max(most, flying)

    def end(request):
        nonlocal flying
        if request.url.endswith(":predict") and len(json.loads(request.post_data)["inputs"]["z"]) == 1:
            flying -= 1

    page.on("request", start)
    page.on("requestfinished", end)
    page.locator("#slider-sefa-0").evaluate(
        """async (input) => { for (let i = 0; i <= 200; i++) { input.value = -4 + i * 0.03;
        input.dispatchEvent(new Event('input')); await new Promise(requestAnimationFrame); } }"""
    )
    settle(page)
    assert most == 1
    assert 2 < asked <= 201
    vector = latent.load_directions(digits)["sefa"].vectors[0]
    assert np.abs(pixels(page) - drawn(digits, z_of(0) + 2 * vector, 0)).max() <= 1


@pytest.mark.slow
def test_dragging_truncation_does_not_load_the_grid_at_each_step(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#truncation").evaluate(
        """async (input) => { for (let i = 1; i <= 20; i++) { input.value = 1 - i * 0.05;
        input.dispatchEvent(new Event('input')); await new Promise((resolve) => setTimeout(resolve, 10)); } }"""
    )
    settle(page)
    # Of 20 steps; once if the machine keeps the page's time.
    assert 1 <= len([url for url in asked if "seed=1&" in url]) <= 8


def test_it_says_that_an_algorithm_made_the_images(page):
    expect(page.get_by_text("made by a trained algorithm")).to_be_in_viewport()


@pytest.mark.slow
def test_what_the_server_refuses_is_told(context, url):
    page = context.new_page()
    go(page, url)
    refusal = {"status": 503, "body": '{"error": "The queue is full"}'}
    page.route("**/*:predict", lambda route: route.fulfill(**refusal))
    slide(page, "#slider-sefa-0", 1)
    expect(page.get_by_role("alert")).to_have_text("The queue is full")
    page.unroute("**/*:predict")
    slide(page, "#slider-sefa-0", 2)
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.slow
def test_a_model_without_directions_and_a_server_that_has_ended(context, tmp_path):
    """Without a manifest there are no directions: the dimensions stand in their place, with what lies at the ends."""
    write_generator(tmp_path / "plain" / "1")
    page = context.new_page()
    with serving(tmp_path) as address:
        go(page, address)
        expect(page.locator("#tab-directions")).to_be_hidden()
        end = page.locator("#panel-dimensions canvas").first
        drawn = "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, 6, 6).data).size"
        assert end.evaluate(drawn) > 10
    slide(page, "#slider-0", 1)
    expect(page.get_by_role("alert")).to_have_text("The server cannot be reached. Does it still run?")
    page.close()


@pytest.mark.slow
def test_a_token_is_asked_for_and_sent(context, exported, digits):
    page = context.new_page()
    with serving(exported, token="open-sesame") as address:
        page.goto(address)
        expect(page.get_by_role("alert")).to_contain_text("valid token")
        page.get_by_label("token").fill("open-sesame")
        page.keyboard.press("Enter")
        settle(page)
        expect(page.get_by_role("alert")).to_be_hidden()
        assert np.ptp(pixels(page)) > 0
        page.close()


# ------------------------------------------------------------------ translators


def test_an_image_before_and_after(page, facades, tmp_path):
    page.locator("#model").select_option("facades, version 1")
    picture = models.pictures(1, 50, 70)[0]
    Image.fromarray(picture).save(tmp_path / "my house.png")
    page.locator("#file").set_input_files(tmp_path / "my house.png")
    expect(page.locator("#translated")).to_contain_text("my_house, 72 x 48")
    before = pixels(page, "#before")
    assert before.shape == (48, 72, 3)
    translator = load(facades)
    expected = translator(before[None].astype(np.uint8))[0]
    assert np.abs(pixels(page, "#after") - expected.astype(int)).max() <= 1
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "facades-v1-of-my_house.png"
    page.locator("#divider").focus()
    page.keyboard.press("Home")
    assert page.evaluate("getComputedStyle(document.querySelector('#before')).clipPath").endswith(
        "100%, 0px, 0px)"
    ) or ("100%" in page.evaluate("getComputedStyle(document.querySelector('#before')).clipPath"))
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert "model=facades" in page.url


@pytest.mark.slow
def test_what_is_no_image_is_told(page, tmp_path):
    page.locator("#model").select_option("facades, version 1")
    (tmp_path / "notes.png").write_text("no image")
    page.locator("#file").set_input_files(tmp_path / "notes.png")
    expect(page.get_by_role("alert")).to_have_text("This browser cannot read notes.png as an image.")


# ------------------------------------------------------------------ the page's arithmetic, beside NumPy


def test_slerp_and_states_in_the_browser(page):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 200, 7))
    b[0], b[1], b[2] = a[0], -a[1], 0
    t = rng.uniform(0, 1, 200)
    found = page.evaluate(
        """async ([a, b, t]) => { const { slerp } = await import('/explorer/latent.js');
        return a.map((row, i) => slerp(row, b[i], t[i])); }""",
        [a.tolist(), b.tolist(), t.tolist()],
    )
    steps = [latent.slerp(x, y, 1001) for x, y in zip(a, b, strict=True)]
    near = [path[round(1000 * s)] for path, s in zip(steps, t, strict=True)]
    np.testing.assert_allclose(found, near, atol=0.01)
    same = page.evaluate(
        """async () => { const { format, parse } = await import('/explorer/state.js');
        const text = 'model=a+b%26c&version=3&first=40&seed=41&label=2&truncation=0.7&to=9&mix=0.35&tab=own'
          + '&method=pca&z=3:1.5,17:-2&along=sefa:1:2.5,own:-1&with=1,5&without=2';
        return [text, format(parse('#' + text)), format(parse(''))]; }"""
    )
    assert same[0] == same[1]
    assert same[2] == ""
