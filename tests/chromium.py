"""Headless Chromium for tests of pages: where it is, how it is started, and what it has to say."""

import shutil
from contextlib import contextmanager

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
SECONDS = 20
FLAGS = ("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync",
         "disable-background-networking", "disable-component-update")  # fmt: skip


def need_chromium():
    """Skip a module of tests where there is no browser, or nothing to drive it."""
    if BROWSER is None or DRIVER is None:
        pytest.skip("neither Chromium nor its driver is installed", allow_module_level=True)
    pytest.importorskip("selenium", reason="selenium, which drives the browser, is not installed")


@contextmanager
def chromium(profile, width, dark=False):
    """Give a browser whose window is `width` x 1000 pixels, with its files in a folder of its own."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"user-data-dir={profile}", f"window-size={max(width, 500)},1000"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, Service(DRIVER))
    try:
        resize(driver, width)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        driver.set_script_timeout(SECONDS)
        yield driver
    finally:
        driver.quit()


def resize(driver, width, height=1000):
    """Give pages this many pixels; windows are not made narrower than 500."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def wait_for(driver, what, script, *arguments):
    """Return what a script returns as soon as that is true."""
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(driver, SECONDS).until(lambda driver: driver.execute_script(script, *arguments), what)


def severe(driver):
    """Return what the console calls an error; that there is no icon is none."""
    return [one for one in driver.get_log("browser") if one["level"] == "SEVERE" and "favicon" not in one["message"]]
