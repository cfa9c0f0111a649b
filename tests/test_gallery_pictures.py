"""What the gallery makes of figures: pictures with the texts that scenes give them, and animations that wait."""

import sys
from pathlib import Path

import numpy as np
import pytest

for name in ("matplotlib", "PIL", "sphinx_gallery"):
    pytest.importorskip(name, reason="only the documentation needs it")
sys.path.append(str(Path(__file__).parents[1] / "docs"))

import gallery_pictures  # noqa: E402  (found by way of the path)
import matplotlib.pyplot as plt  # noqa: E402  (after what skips)
from matplotlib.animation import FuncAnimation  # noqa: E402  (after what skips)
from PIL import Image  # noqa: E402  (after what skips)
from sphinx.errors import ExtensionError  # noqa: E402  (after what skips)


@pytest.fixture(autouse=True)
def pyplot_draws_for_files(no_figures):
    """Nothing is open, and no window opens."""
    plt.switch_backend("Agg")


def shown(folder, code, names):
    """What the pages show of the open figures of a block."""
    paths = iter([str(folder / "one.png"), str(folder / "two.png")])
    variables = {"example_globals": names, "image_path_iterator": paths, "src_file": "scene.py"}
    return gallery_pictures.pictures(("code", code, 1), variables, {"src_dir": str(folder)})


def test_pictures_have_the_texts_of_their_comments(tmp_path):
    plt.figure().add_subplot().plot([1, 2])
    plt.figure().add_subplot().plot([2, 1])
    page = shown(tmp_path, "draw()\n# picture: A line upwards\nplt.show()\n# picture: And downwards\nplt.show()", {})
    assert page.index("/one.png") < page.index(":alt: A line upwards") < page.index("/two.png")
    assert ":alt: And downwards" in page
    assert not plt.get_fignums()
    assert not np.array_equal(plt.imread(tmp_path / "one.png"), plt.imread(tmp_path / "two.png"))


def test_a_picture_without_a_text_is_refused(tmp_path):
    plt.figure()
    with pytest.raises(ExtensionError, match=r"scene.py: 1 figures and 0 '# picture: '"):
        shown(tmp_path, "plt.show()  # picture: not on a line of its own", {})


def test_an_animation_is_a_still_picture_and_a_film_that_readers_open(tmp_path):
    figure, ax = plt.subplots(figsize=(2, 2))
    line = ax.axvline(0.0)
    film = FuncAnimation(figure, lambda frame: [line.set_xdata([frame / 4])], 3, interval=100, blit=False)
    line.set_xdata([0.75])
    page = shown(tmp_path, "# picture: A line that moves\nplt.show()", {"film": film})
    assert page.index("/one.png") < page.index(".. dropdown::") < page.index("/one.gif")
    assert ":alt: A line that moves, in motion" in page
    with Image.open(tmp_path / "one.gif") as moving, Image.open(tmp_path / "one.png") as still:
        assert moving.n_frames == 3
        assert moving.info["duration"] == 100
        first, last = (np.asarray(image.convert("L").resize((100, 100))) for image in (moving, still))
    assert not np.array_equal(first, last), "the still picture is what the scene drew last"
