"""A headless Chromium with the HTML report open; without one these tests are skipped."""

from __future__ import annotations

import os
import shutil

import pytest

from parity.report.as_html import as_html
from tests.sample_report import hostile, report


@pytest.fixture(scope="session")
def driver():
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("there is no chromium, or no chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.add_argument("--headless=new")
    options.add_argument("--disable-gpu")
    options.add_argument("--disable-dev-shm-usage")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=chromedriver)
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """The address of a page with one of everything in it, hostile texts included."""
    path = tmp_path_factory.mktemp("page") / "parity.html"
    path.write_bytes(as_html(report(passing=300, more=hostile())))
    return path.as_uri()


class Page:
    """A page in the browser: of a size, in a colour scheme, with or without JavaScript."""

    def __init__(self, driver, address):
        self.driver, self.address = driver, address

    def open(self, width=1280, height=900, scheme="light", script=True, media="screen"):
        """Load the page anew."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        for command, arguments in (
            ("Emulation.setDeviceMetricsOverride", size),
            ("Emulation.setEmulatedMedia", {"media": media, "features": features}),
            ("Emulation.setScriptExecutionDisabled", {"value": not script}),
        ):
            self.driver.execute_cdp_cmd(command, arguments)
        self.driver.get("about:blank")
        self.driver.get(self.address)
        return self

    def eval(self, code, *arguments):
        """Return what JavaScript returns; it runs where the page's own is switched off, too."""
        return self.driver.execute_script(code, *arguments)

    def texts(self, selector):
        """Return the texts of elements, hidden ones included."""
        code = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
        return self.eval(code, selector)

    def text(self, selector):
        """Return the text of one element."""
        (text,) = self.texts(selector)
        return text


@pytest.fixture
def page(driver, address):
    return Page(driver, address)
