"""The page in a real Chromium: one browser for all tests, which says so and passes them by where there is none."""

import base64
import contextlib
import itertools
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from resemblance.comparison.page import write_page
from resemblance.comparison.studying import study_of
from tests.comparison.pictured import write_pictured_study

webdriver = pytest.importorskip("selenium.webdriver")
TimeoutException = pytest.importorskip("selenium.common.exceptions").TimeoutException
WebDriverWait = pytest.importorskip("selenium.webdriver.support.ui").WebDriverWait
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--mute-audio",
    "--disable-dev-shm-usage",
)  # fmt: skip
PATIENCE = 120
"""Seconds for what a quiet machine does at once."""
ROC = "roc-0-verification"
OPEN = "[...document.querySelectorAll('details')].filter((part) => part.open).length"

pytestmark = pytest.mark.skipif(
    not CHROMIUM or not DRIVER, reason="there is no chromium with its chromedriver on this machine"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    os.environ["SE_OFFLINE"] = "true"  # the driver is here, and nobody is to be asked for another
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=DRIVER))
    driver.set_script_timeout(PATIENCE)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    losses = {"cosface": 2.9, "triplet": 2.5, "siamese_l1": 2.0, "a_loss_whose_name_is_long_indeed": 2.2}
    path = folder / "report.html"
    write_page(study_of(write_pictured_study(folder / "runs", losses, seeds=2), command="python compare.py"), path)
    return path


@pytest.fixture(scope="module")
def opened(browser, report):
    """The page, opened once."""
    look(browser)
    browser.get_log("performance")  # what the browser has asked itself for on its first page
    browser.get(report.as_uri())
    drawn(browser)
    return browser


@pytest.fixture
def page(opened):
    """In light, as wide as a desktop, with all losses shown."""
    look(opened)
    opened.execute_script("if (state.hidden.size) { state.hidden.clear(); show(); }")
    drawn(opened)
    return opened


def look(browser, width=1280, scheme="light", media=""):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},  # who scrolls by a click is there at once
    ]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})


def drawn(browser):
    """Waits until every chart is."""
    browser.execute_async_script(
        "const done = arguments[0]; const ask = () => document.documentElement.dataset.drawn === 'all' ? done()"
        " : setTimeout(ask, 20); ask();"
    )


def settled(browser):
    """Waits until the page has noticed that the reader's media have changed, and has drawn."""
    browser.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0], 50))")
    drawn(browser)


def traces(browser, chart=ROC):
    return browser.execute_script(
        "return document.getElementById(arguments[0]).data.map((t) => ({who: t.meta.who, part: t.meta.part,"
        " visible: t.visible !== false, colour: t.line && t.line.color, points: t.x.length, across: t.meta.across}));",
        chart,
    )


def pressed(browser, who):
    """``aria-pressed`` of a contestant's keys, wherever they stand."""
    keys = browser.find_elements("css selector", f'.key[data-who="{who}"]')
    return [key.get_attribute("aria-pressed") for key in keys]


def background(browser):
    return browser.execute_script("return getComputedStyle(document.body).backgroundColor")


def test_it_renders_without_an_error_and_without_asking_anybody(page):
    charts = page.find_elements("css selector", ".plot")
    assert len(charts) == 5
    assert all(chart.find_elements("css selector", "svg.main-svg") for chart in charts)
    assert [one["part"] for one in traces(page)] == ["edge", "band", "mean"] * 4
    assert [entry for entry in page.get_log("browser") if entry["level"] != "INFO"] == []
    asked = [
        message["params"]["request"]["url"]
        for entry in page.get_log("performance")
        for message in [json.loads(entry["message"])["message"]]
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert asked
    assert {url.partition(":")[0] for url in asked} <= {"file", "data", "blob"}
    assert len({url for url in asked if url.startswith("file:")}) == 1


def test_a_press_hides_a_loss_everywhere_and_another_brings_it_back(page):
    key = page.find_element("css selector", f'figure:has(#{ROC}) .key[data-who="1"]')
    key.click()
    drawn(page)
    assert set(pressed(page, 1)) == {"false"}
    assert set(pressed(page, 0)) == {"true"}
    assert {one["who"] for one in traces(page) if not one["visible"]} == {1}
    lines = [one for one in traces(page, "seeds-0") if one["across"]]
    assert {one["points"] for one in lines} == {3}
    panel = page.find_element("css selector", '[data-panel="1"]')
    assert not panel.is_displayed()
    key.send_keys(" ")  # by the keyboard too
    drawn(page)
    assert set(pressed(page, 1)) == {"true"}
    assert all(one["visible"] for one in traces(page))
    assert panel.is_displayed()


def test_a_double_press_shows_a_loss_alone(page):
    key = page.find_element("css selector", '.key[data-who="2"]')
    # What a double click is depends on how fast the machine is, so the browser is told that this was one.
    press = "arguments[0].dispatchEvent(new MouseEvent('dblclick', {bubbles: true}))"
    page.execute_script(press, key)
    drawn(page)
    assert {one["who"] for one in traces(page) if one["visible"]} == {2}
    page.execute_script(press, key)
    drawn(page)
    assert all(one["visible"] for one in traces(page))


def test_another_figure_can_be_chosen(page):
    before = page.execute_script("return document.getElementById('seeds-0').layout.xaxis.title.text")
    page.execute_script(
        "const s = document.querySelector('select[data-for=\"seeds-0\"]'); s.value = '1';"
        " s.dispatchEvent(new Event('change'));"
    )
    after = page.execute_script("return document.getElementById('seeds-0').layout.xaxis.title.text")
    assert before == "AUC (more is better)"
    assert after == "TAR@FAR=1e-3 (more is better)"


def test_hovering_tells_rate_and_loss(page):
    surface = page.find_element("css selector", f"#{ROC} .nsewdrag")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", surface)
    webdriver.ActionChains(page).move_to_element(surface).perform()
    back_and_forth = itertools.cycle((1, -1))

    def noticed(_):
        """A pointer that comes while the chart is busy is noticed when it moves again."""
        webdriver.ActionChains(page).move_by_offset(next(back_and_forth), 0).perform()
        return page.find_elements("css selector", f"#{ROC} .hoverlayer .legendtext")

    WebDriverWait(page, PATIENCE).until(noticed)
    told = [line.text for line in page.find_elements("css selector", f"#{ROC} .hoverlayer .legendtext")]
    assert len(told) == 4
    for name in ("cosface", "triplet (mining=semihard)", "siamese_l1", "a_loss_whose_name_is_long_indeed"):
        assert any(name in line and re.search(r"0\.\d{4} \(0\.\d{4} to 0\.\d{4}\)", line) for line in told)
    title = page.find_element("css selector", f"#{ROC} .hoverlayer .legendtitletext").text
    assert title.startswith("FAR 0.03")  # the middle of a log axis from 1e-3 to 1


def test_a_phone_scrolls_down_only(page):
    page.execute_script("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    for width in (400, 360):
        look(page, width=width)
        settled(page)
        with contextlib.suppress(TimeoutException):  # what stays too wide is told by what follows
            WebDriverWait(page, PATIENCE).until(lambda _: sizes(page) == ([width] * 2, []))  # noqa: B023
        assert sizes(page) == ([width] * 2, [])
        check_tables(page, width)


def sizes(page):
    """Widths of the document and of its body, and what lies beyond the window; charts follow it after a while."""
    widths = page.execute_script("return [document.documentElement.scrollWidth, document.body.scrollWidth]")
    beyond = page.execute_script(
        "return [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1"
        " && !e.closest('.scroll, pre, .skip')).map((e) => e.tagName + '.' + e.className.toString());"
    )
    return widths, beyond


def check_tables(page, width):
    tables = page.execute_script(
        "return [...document.querySelectorAll('.scroll')].map((e) => e.getBoundingClientRect().width)"
    )
    assert max(tables) < width


def test_dark_and_light_follow_the_reader_without_a_reload(page):
    light = {one["who"]: one["colour"] for one in traces(page) if one["part"] == "mean"}
    assert background(page) == "rgb(255, 255, 255)"
    look(page, scheme="dark")
    settled(page)
    dark = {one["who"]: one["colour"] for one in traces(page) if one["part"] == "mean"}
    assert background(page) == "rgb(21, 24, 28)"
    assert all(dark[who] != light[who] for who in light)
    look(page)
    settled(page)
    assert {one["who"]: one["colour"] for one in traces(page) if one["part"] == "mean"} == light


def test_on_paper_all_is_open_and_light_and_nothing_is_a_control(page):
    look(page, scheme="dark")
    settled(page)
    page.execute_script("document.querySelectorAll('details').forEach((part, place) => { part.open = place === 0; })")
    before = page.execute_script(f"return {OPEN}")
    assert before == 1
    look(page, width=700, scheme="dark", media="print")
    settled(page)
    assert background(page) == "rgb(255, 255, 255)"
    assert page.execute_script("return [...document.querySelectorAll('details')].every((part) => part.open)")
    shown = page.execute_script(
        "return [...document.querySelectorAll('nav, select, .modebar')].filter((e) => e.getClientRects().length).length"
    )
    assert shown == 0
    widths = page.execute_script(
        "return [...document.querySelectorAll('svg.main-svg')].map((e) => e.getBoundingClientRect().width)"
    )
    assert set(widths) == {640}
    look(page, scheme="dark")
    settled(page)
    assert page.execute_script(f"return {OPEN}") == before


def test_no_table_is_wider_than_a_page_of_paper(page):
    across = 673  # A4 less the margins of the style sheet
    look(page, width=across, media="print")
    settled(page)
    wide = page.execute_script(
        f"return [...document.querySelectorAll('table')].filter((e) => e.getBoundingClientRect().right > {across + 1})"
        ".map((e) => [e.className, e.getBoundingClientRect().right]);"
    )
    assert wide == []


def test_claims_leave_no_hole_beside_one_another(page):
    """Each is as wide as the column, so that a short one has nothing beside it."""
    widths = page.execute_script(
        "return [...document.querySelectorAll('.claims, .claims > .claim')].map((e) => e.getBoundingClientRect().width)"
    )
    assert len(widths) == 4
    assert len(set(widths)) == 1


def test_it_can_be_printed(page):
    printed = page.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 3


def test_headings_tables_and_pictures_have_names(page):
    levels = page.execute_script("return [...document.querySelectorAll('h1,h2,h3,h4')].map((h) => +h.tagName[1])")
    assert levels.count(1) == 1
    nameless = page.execute_script(
        "return [...document.querySelectorAll('img:not([alt]), svg[role=img]:not([aria-label]),"
        " .plot:not([aria-label]), th:not([scope]), button:not([type])')].map((e) => e.outerHTML.slice(0, 80));"
    )
    assert nameless == []
    order = page.execute_script("return [...document.querySelectorAll('main section')].map((s) => s.id)")
    assert order[0] == "conclusions"
