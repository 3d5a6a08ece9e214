"""report.html in headless Chromium: what the script makes of it, by mouse, by keyboard and on a phone."""

import json

import pytest

import nnsweep
from nnsweep import sweepfile
from tests.helpers.browser import needs_chromium, start
from tests.helpers.pages import FAILING, FAILING_TRAINER, HOSTILE, NAMED, Page, ran

webdriver = pytest.importorskip("selenium.webdriver")

pytestmark = needs_chromium

GIVEN = "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return ran(NAMED, tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = start(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, results):
    """The page, opened anew."""
    address = results.report().resolve().as_uri()
    browser.get(address)
    yield browser
    assert browser.get_log("browser") == []  # neither errors nor what the policy refused
    sent = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [each["params"] for each in sent if each["method"] == "Network.requestWillBeSent"]
    of_page = {each["request"]["url"] for each in asked if each["documentURL"] == address}
    assert {url for url in of_page if not url.startswith("data:")} == {address}


def texts(page, selector):
    return page.execute_script(GIVEN, selector)


def cell(page, row, column, panel=0):
    """A cell by the labels of its row and column."""
    table = page.find_elements("css selector", "#maps table")[panel]
    labels = [each.text for each in table.find_elements("css selector", "thead tr:last-child th")]
    rows = table.find_elements("css selector", "tbody tr")
    line = next(each for each in rows if each.find_element("css selector", "th").text == row)
    return line.find_elements("css selector", "td")[labels.index(column) - 1]


def choose(page, control, text):
    (select,) = page.find_elements("css selector", f"#controls select[name='{control}']")
    (option,) = [each for each in select.find_elements("css selector", "option") if each.text == text]
    option.click()


def told(page):
    return " ".join(page.find_element("id", "detail").text.split())


def row_of(results, **settings):
    table = results.summary
    for name, value in settings.items():
        table = table[table[name] == value]
    return table.to_dict("records")[0]


def test_the_script_shows_what_is_in_the_file(page, results):
    written = Page(results.report())
    lines = [line for _, table in written.maps[:2] for line in table[2:]]
    shown = page.execute_script(
        "return [...document.querySelectorAll('#maps tbody tr')].map((row) => [...row.cells].map((c) => c.textContent))"
    )
    assert shown == lines
    assert texts(page, "#maps figcaption") == [name for name, _ in written.maps[:2]]
    assert page.execute_script("return document.querySelectorAll('#maps [aria-selected=true]').length") <= 1


def test_a_click_tells_of_a_cell_and_its_trials(page, results):
    cell(page, "2", "0.05", panel=1).click()
    row = row_of(results, epochs=2, alpha=0.05, hidden=4, case=HOSTILE)
    said = told(page)
    assert f"successes {row['successes']} of 4 (" in said
    assert f"epochs = 2, hidden = 4, case = {HOSTILE}" in said
    marks = [len(page.find_elements("css selector", f"#detail .strip .{name}")) for name in ("hit", "miss")]
    assert marks == [row["successes"], 4 - row["successes"]]
    trials = results.trials
    here = trials[(trials["epochs"] == 2) & (trials["alpha"] == 0.05) & (trials["hidden"] == 4)]
    ids = here[here["case"] == HOSTILE]["id"].str[:12].tolist()
    first = next((id for id, success in zip(ids, here["success"], strict=False) if not success), ids[0])
    assert texts(page, "#detail code") == [f"nnsweep replay {first} --results {results.folder.parent}"]
    page.find_element("css selector", "[aria-label='Next trial']").click()
    after = ids[(ids.index(first) + 1) % 4]
    assert texts(page, "#detail code") == [f"nnsweep replay {after} --results {results.folder.parent}"]


def test_the_mouse_shows_a_cell_and_leaves_the_chosen_one(page):
    from selenium.webdriver import ActionChains

    cell(page, "1", "0.01").click()
    chosen = told(page)
    ActionChains(page).move_to_element(cell(page, "3", "0.05")).perform()
    assert "alpha = 0.05, epochs = 3, hidden = 2" in told(page)
    ActionChains(page).move_to_element(page.find_element("id", "cells")).perform()
    assert told(page) == chosen


def test_arrows_move_through_cells_and_enter_chooses(page):
    from selenium.webdriver import Keys

    first = cell(page, "1", "0.01")
    assert first.get_attribute("tabindex") == "0"
    page.execute_script("arguments[0].focus()", first)
    for key in (Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_DOWN):  # the last leads nowhere
        page.switch_to.active_element.send_keys(key)
    assert "alpha = 0.05, epochs = 3, hidden = 2" in told(page)
    page.switch_to.active_element.send_keys(Keys.ENTER)
    assert cell(page, "3", "0.05").get_attribute("aria-selected") == "true"
    assert len(page.find_elements("css selector", '#maps [tabindex="0"]')) == 2  # one stop for each table
    page.switch_to.active_element.send_keys(Keys.HOME)
    assert page.switch_to.active_element == cell(page, "3", "0.01")


def test_axes_and_measures_can_be_chosen(page, results):
    choose(page, "Rows", "case")
    assert texts(page, "#maps tbody th") == [HOSTILE, "plain"] * 2
    assert texts(page, "#controls select[name=epochs] option") == ["1", "2", "3"]
    choose(page, "epochs", "3")
    choose(page, "Show", "median error")
    row = row_of(results, epochs=3, alpha=0.05, hidden=4, case="plain")
    assert float(cell(page, "plain", "0.05", panel=1).text) == pytest.approx(row["error_median"], abs=5e-4)
    assert page.find_element("id", "of").text == "median error, 4 seeds a cell, epochs = 3"
    choose(page, "Panels", "none")
    assert len(page.find_elements("css selector", "#maps table")) == 1
    choose(page, "Columns", "case")  # takes the place of the rows, whose axis goes to the columns
    assert texts(page, "#maps thead th") == ["case", "alpha", HOSTILE, "plain"]
    choose(page, "Panels", "alpha")  # leaves the rows to an axis without a place
    assert texts(page, "#maps thead th") == ["case", "epochs", HOSTILE, "plain"] * 2
    assert texts(page, "#maps figcaption") == ["alpha = 0.01", "alpha = 0.05"]


def test_an_axis_without_a_place_stays_at_the_chosen_cell(page):
    cell(page, "3", "0.05", panel=1).click()
    before = told(page)
    choose(page, "Columns", "none")
    assert ", alpha = 0.05, " in page.find_element("id", "of").text
    choose(page, "Panels", "none")
    assert ", hidden = 4, " in page.find_element("id", "of").text
    (selected,) = page.find_elements("css selector", '#maps [aria-selected="true"]')
    assert selected.find_element("xpath", "./preceding-sibling::th").text == "3"
    assert told(page) == before


def test_the_panel_says_what_trials_failed_of(browser, tmp_path, module):
    module(FAILING_TRAINER, "failing_cell.py")
    results = nnsweep.run(sweepfile.loads(FAILING), tmp_path, jobs=1, figures=False)
    browser.get(results.report().resolve().as_uri())
    assert texts(browser, "#legend .hatched") == ["none ended"]
    failed = cell(browser, "0.2", "4")
    assert (failed.get_attribute("class"), failed.text) == ("s-", "")
    assert "repeating-linear-gradient" in failed.value_of_css_property("background-image")
    failed.click()
    browser.find_element("css selector", "[aria-label='Next trial']").click()
    assert "successes none ended" in told(browser)
    assert "Why its trials failed ValueError: no room for 4 units 2 ValueError: xxx" in told(browser)
    assert "Seed 1 failed, ValueError: no room for 4 units ›" in told(browser)


def test_names_do_not_run(page):
    assert page.execute_script("return document.querySelectorAll('img').length") == 0
    assert page.execute_script("return document.scripts.length") == 2
    assert HOSTILE in page.find_element("css selector", "header").text


def test_it_fits_a_phone_in_the_dark(page):
    phone = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    try:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": dark})
        cell(page, "2", "0.05").click()
        assert page.execute_script("return document.documentElement.scrollWidth") == 360
        assert page.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 27)"
        assert page.find_element("id", "detail").rect["height"] < 400
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
