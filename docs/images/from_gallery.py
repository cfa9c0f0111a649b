"""Copies the pictures of the README from the gallery, which `make docs` draws: python docs/images/from_gallery.py"""

import shutil
from pathlib import Path

HERE = Path(__file__).parent
PICTURES = {
    "uncrumpling.png": "plot_05_crumpled_paper_002",
    "loss_surface.png": "plot_06_loss_surface_001",
    "chain_rule.png": "plot_07_chain_rule_001",
    "mistakes.png": "plot_11_mistakes_002",
}
LARGEST = 100_000
"""Bytes: every version of a picture stays in the history of the repository."""

for name, scene in PICTURES.items():
    picture = HERE.parent / "gallery" / "images" / f"sphx_glr_{scene}.png"
    if picture.stat().st_size > LARGEST:
        raise SystemExit(f"{picture} has {picture.stat().st_size} bytes, more than {LARGEST}")
    shutil.copyfile(picture, HERE / name)
