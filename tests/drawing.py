"""The small network of docs/draw, and hands that draw on its page in a browser."""

import importlib.util
from pathlib import Path

import numpy as np

import numbanet as nn

DOCS = Path(__file__).parent.parent / "docs" / "draw"
PAGE = Path(nn.__file__).parent / "demo" / "page"
THREE = [(0.32, 0.25), (0.42, 0.17), (0.56, 0.16), (0.66, 0.24), (0.64, 0.36), (0.52, 0.46), (0.44, 0.48), (0.56, 0.5),
         (0.68, 0.6), (0.69, 0.73), (0.58, 0.83), (0.44, 0.84), (0.3, 0.76)]  # fmt: skip
ONE = [(0.5, 0.2), (0.5, 0.4), (0.5, 0.6), (0.5, 0.8)]


def train_module():
    """Return docs/draw/train.py as a module."""
    spec = importlib.util.spec_from_file_location("draw_train", DOCS / "train.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def on_the_pad(driver, places):
    """Return places of the pad in pixels of the window, after scrolling to it."""
    script = "const pad = document.getElementById('pad'); pad.scrollIntoView(); return pad.getBoundingClientRect()"
    box = driver.execute_script(script)
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]


def with_the_mouse(driver, places):
    """Draw a line with the mouse."""
    from selenium.webdriver.common.action_chains import ActionChains

    first, *others = on_the_pad(driver, places)
    hand = ActionChains(driver, duration=0)
    hand.w3c_actions.pointer_action.move_to_location(*map(round, first))
    hand.w3c_actions.pointer_action.pointer_down()
    for place in others:
        hand.w3c_actions.pointer_action.move_to_location(*map(round, place))
    hand.w3c_actions.pointer_action.pointer_up()
    hand.perform()


def with_a_finger(driver, places):
    """Draw a line with a finger, as a touch screen tells of it."""
    kinds = ["touchStart"] + ["touchMove"] * (len(places) - 1)
    for kind, (x, y) in zip(kinds, on_the_pad(driver, places), strict=True):
        driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def picture_of(driver):
    """Return what the page sends: bytes (rows, columns)."""
    found = driver.execute_script("return [...picture()]")
    return np.array(found, np.uint8).reshape(round(len(found) ** 0.5), -1)
