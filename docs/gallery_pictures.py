"""What the gallery shows of a scene's figures: pictures with texts, and animations that move when a reader opens them.

Before a scene shows a figure, a comment says what is on it, for readers who do not see it: `# picture: ...`. An
animation is a still picture, the figure as the scene has left it, and below it a GIF inside `<details>`: nothing moves
unasked, and closing it ends the movement (WCAG 2.2.2).
"""

import re
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.animation import Animation
from sphinx.errors import ExtensionError
from sphinx_gallery.scrapers import figure_rst

matplotlib.set_loglevel("warning")  # a style of Pygments, once loaded, has everyone tell whatever they do
TEXT = re.compile(r"^ *# picture: (.+)$", re.MULTILINE)
MOVING = """
.. dropdown:: Play the animation

   .. image:: {path}
      :alt: {text}, in motion
      :loading: lazy
      :align: center

"""


def pictures(block, block_vars, gallery_conf):
    """Write the open figures of a block of a scene, close them, and return reStructuredText that shows them."""
    numbers, texts = plt.get_fignums(), TEXT.findall(block[1])
    if len(numbers) != len(texts):
        raise ExtensionError(
            f"{block_vars['src_file']}: {len(numbers)} figures and {len(texts)} '# picture: ' near {texts}"
        )
    found = {one._fig: one for one in block_vars["example_globals"].values() if isinstance(one, Animation)}
    shown = []
    for number, text, path in zip(numbers, texts, block_vars["image_path_iterator"], strict=False):
        figure = plt.figure(number)
        figure.savefig(path)
        shown.append(figure_rst([path], gallery_conf["src_dir"], text))
        if figure in found:
            film = Path(path).with_suffix(".gif")
            found[figure].save(film, writer="pillow", dpi=80)
            shown.append(MOVING.format(path=f"/{film.relative_to(gallery_conf['src_dir']).as_posix()}", text=text))
    plt.close("all")
    return "\n".join(shown)


def _get_sg_image_scraper():
    """The scraper, under the name by which sphinx-gallery asks a module for it."""
    return pictures
