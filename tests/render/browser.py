"""A headless Chromium for tests of pages; where there is none the tests say so and skip."""

import os
import shutil
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE_S = 300
"""A page that never comes fails; one that a loaded host delays does not."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def missing():
    """Return what is missing for tests in a browser, empty where all is there."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not installed (extra [dev])"
    if binary() is None:
        return f"no browser: none of {', '.join(BROWSERS)} is installed"
    if driver_path() is None:
        return "chromedriver is not installed (Debian: chromium-driver)"
    return ""


def binary():
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def driver_path():
    return shutil.which("chromedriver") or shutil.which(
        "chromedriver", path=os.environ.get("CHROMEWEBDRIVER", ""))


@contextmanager
def started(width=1280, height=900):
    """Yield a browser with a log of its console; nothing is ever downloaded."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = binary()
    arguments = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage",
                 "--disable-background-networking", "--no-first-run"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    for argument in arguments:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver_path()))
    browser.set_page_load_timeout(PATIENCE_S)
    browser.set_script_timeout(PATIENCE_S)
    try:
        resize(browser, width, height)
        yield browser
    finally:
        browser.quit()


def until(true):
    """Wait until something holds; a busy machine only takes longer."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def go(browser, address=None):
    """Open an address, or the same again, and wait for the new page with its script.

    On a busy machine the driver may return while the old page is still there.
    """
    browser.execute_script("window.leaving = true")
    if address is None:
        browser.refresh()
    else:
        browser.get(address)
    until(lambda: browser.execute_script(
        "return !window.leaving && document.readyState === 'complete'"))


def resize(browser, width, height):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})


def media(browser, *, kind="", scheme="light"):
    """Pretend a medium (``print``) and a colour scheme."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "media": kind, "features": [{"name": "prefers-color-scheme", "value": scheme},
                                    {"name": "prefers-reduced-motion", "value": "reduce"}]})


def complaints(browser):
    """Return what the console of the page complained about since the last call."""
    return [entry["message"] for entry in browser.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING")]


def write(folder, text, name="report.html"):
    """Write a page and return its file address."""
    file = Path(folder) / name
    file.write_text(text, encoding="utf-8")
    return file.as_uri()


needs_browser = pytest.mark.skipif(bool(missing()), reason=missing() or "a browser is there")
