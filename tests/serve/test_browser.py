"""The live page in headless Chromium: it fills in, comes back, and works by keyboard, on a phone and without script."""

import json
from contextlib import ExitStack

import pytest

from tests.helpers import SMALL
from tests.helpers.browser import needs_chromium, start
from tests.helpers.pages import ran

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
pytest.importorskip("selenium")


from tests.helpers.live_page import Growing, served

pytestmark = [
    pytest.mark.slow,
    needs_chromium,
]
PATIENCE = 60


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return ran(SMALL, tmp_path_factory.mktemp("done"), "seed={count=2}")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = start(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture
def growing(small, tmp_path):
    growing = Growing(small, tmp_path)
    yield growing
    growing.kill()


@pytest.fixture
def page(browser, growing, tmp_path):
    """The page of a sweep that runs, whose browser asks nobody but the server."""
    with served(tmp_path) as client:
        browser.get_log("performance")
        browser.get(f"http://127.0.0.1:{client.port}/sweeps/small/")
        yield browser
        assert browser.get_log("browser") == []  # neither errors nor what the policy refused
        sent = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
        urls = {each["params"]["request"]["url"] for each in sent if each["method"] == "Network.requestWillBeSent"}
        own = f"http://127.0.0.1:{client.port}/", "data:", "chrome://"  # the last: the browser's own first page
        assert {url for url in urls if not url.startswith(own)} == set()
        browser.get("about:blank")


def wait(browser, condition, *arguments):
    """Wait until a condition, in JavaScript, holds."""
    from selenium.webdriver.support.wait import WebDriverWait

    return WebDriverWait(browser, PATIENCE, 0.02).until(lambda it: it.execute_script(f"return {condition}", *arguments))


def said(browser, text):
    wait(browser, "document.getElementById('state').textContent.includes(arguments[0])", text)


def filled(browser):
    """The texts of the cells, by number, without those that are empty."""
    each = "[...document.querySelectorAll('[data-cell]')].map((td) => [td.dataset.cell, td.textContent.trim()])"
    return {int(number): text for number, text in browser.execute_script(f"return {each}") if text}


def test_a_running_sweep_fills_in(page, growing, small):
    said(page, "0 of 24 trials")
    assert filled(page) == {}
    growing.store(5)
    said(page, "5 of 24 trials")
    assert 1 <= len(filled(page)) <= 5
    growing.store(19)
    growing.end()
    said(page, "All trials are trained: 24 trials.")
    assert filled(page) == dict(enumerate(map(str, small.summary["successes"])))
    assert page.find_elements("css selector", "#drawn path.curve")


def test_the_list_shows_how_far_the_run_is(page, growing):
    page.find_element("link text", "All sweeps").click()
    wait(page, "document.querySelector('.chip.running')")
    growing.store(12)
    wait(page, "document.querySelector('progress')?.value == 12")
    growing.store(12)
    growing.end()
    wait(page, "!document.querySelector('.chip')")


def test_the_keyboard_reaches_every_cell_and_keeps_its_place(page, growing):
    from selenium.webdriver import Keys

    first = page.find_element("css selector", "[data-cell='0'] a")
    assert len(page.find_elements("css selector", ".map a[tabindex='0']")) == len(
        page.find_elements("css selector", ".map")
    )
    page.execute_script("arguments[0].focus()", first)
    for key in (Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.ARROW_LEFT, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_RIGHT):
        page.switch_to.active_element.send_keys(key)
    at = page.execute_script("return document.activeElement.parentElement.dataset.cell")
    growing.store(24)
    said(page, "24 ok")
    assert page.execute_script("return document.activeElement.parentElement.dataset.cell") == at != "0"
    page.switch_to.active_element.send_keys(Keys.ENTER)
    wait(page, "document.getElementById('cell')")
    assert page.find_element("css selector", f"[data-cell='{at}']").get_attribute("aria-selected") == "true"
    link = page.find_element("css selector", "#cell table a")
    page.execute_script("arguments[0].focus()", link)
    link.send_keys(Keys.ENTER)
    wait(page, "document.title.length && location.pathname.includes('/trials/')")


def test_a_choice_takes_effect_at_once_and_a_note_is_added(page, growing):
    from selenium.webdriver.support.select import Select

    growing.store(24)
    said(page, "24 ok")
    Select(page.find_element("name", "show")).select_by_visible_text("median error")
    wait(page, "document.getElementById('of')?.textContent.startsWith('median error')")
    page.find_element("name", "note").send_keys("Seen in a browser")
    page.find_element("xpath", "//button[text()='Add note']").click()
    wait(page, "document.querySelector('#remarks blockquote')?.textContent.includes('Seen in a browser')")


def test_it_fits_a_phone_in_the_dark(page, growing):
    growing.store(24)
    phone = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    try:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": dark})
        for path in ("/sweeps/small/?cell=3", "/"):
            page.get(page.current_url.partition("/sweeps")[0] + path)
            assert page.execute_script("return document.documentElement.scrollWidth") == 360
            assert page.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 27)"
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_without_its_script_the_page_shows_what_is_stored(page, growing):
    growing.store(24)
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.get(page.current_url)
        assert "24 trials" in page.find_element("id", "state").text
        assert len(page.find_elements("css selector", "[data-cell] a")) == 12
        assert page.find_element("css selector", "form.controls button").is_displayed()
    finally:
        page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_dropped_connection_comes_back(browser, growing, tmp_path):
    with ExitStack() as first:
        client = first.enter_context(served(tmp_path))
        browser.get(f"http://127.0.0.1:{client.port}/sweeps/small/")
        said(browser, "0 of 24 trials")
    wait(browser, "document.getElementById('connection').textContent.includes('server has ended')")
    growing.store(7)
    with served(tmp_path, client.port):
        said(browser, "7 of 24 trials")
        wait(browser, "document.getElementById('connection').textContent === ''")
    browser.get("about:blank")
    browser.get_log("browser")  # which has the refused connections


def test_a_page_that_nobody_looks_at_gives_its_connection_up(page, growing):
    said(page, "0 of 24 trials")
    hide = "Object.defineProperty(document, 'hidden', {value: arguments[0], configurable: true});"
    page.execute_script(f"{hide} document.dispatchEvent(new Event('visibilitychange'))", True)
    assert page.execute_script("return source.readyState") == 2
    growing.store(4)
    page.execute_script(f"{hide} document.dispatchEvent(new Event('visibilitychange'))", False)
    said(page, "4 of 24 trials")


def test_another_site_cannot_read_it_or_change_anything(browser, growing, tmp_path):
    """A page of another origin, here another port, asks in each way that a browser has."""
    with served(tmp_path) as client:
        browser.get(f"http://localhost:{client.port}/sweeps/small/")  # another origin than 127.0.0.1
        address = f"http://127.0.0.1:{client.port}/sweeps/small/"
        script = """
        const done = arguments[arguments.length - 1];
        fetch(arguments[0], {mode: 'no-cors'}).then((r) => done(r.type), () => done('refused'));
        """
        assert browser.execute_async_script(script, address) == "refused"  # by the policy of our own page
        reply = client.ask("/sweeps/small/notes", "POST", "note=x", Origin=f"http://localhost:{client.port}")
        assert reply.status == 403
        assert not growing.folder.notes.exists()
    browser.get("about:blank")
    browser.get_log("browser")
