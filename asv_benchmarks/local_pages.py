"""Make the pages that `asv publish` wrote work without a network: the scripts that they load are put beside them.

asv's pages load jQuery, Flot and others from servers of theirs. The same versions come from npm, where it is installed,
once; without npm the pages are left as they are, and need a network.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent / ".asv"
PAGES, PACKAGES = HERE / "html", HERE / "npm"
NEEDED = (
    "jquery@3.3.1", "flot@0.8.3", "flot-orderbars@1.0.0", "stupid-table-plugin@1.1.3", "blueimp-md5@2.19.0",
    "bootstrap@3.1.1",
)  # fmt: skip
LINK = re.compile(r'(src|href)="https://[^"]*/([^"/]+\.(?:js|css))"([^>]*)>')


def local_file(name):
    """Return the file of a package that a link is about: under its name, without a version, or not minified."""
    plain = re.sub(r"-\d+(\.\d+)+", "", name)
    for wanted in (plain, plain.replace(".min", "")):
        found = sorted(path for path in PACKAGES.rglob(wanted) if "examples" not in path.parts)
        if found:
            return found[0]
    raise SystemExit(f"asv's pages load {name}, which is in none of {', '.join(NEEDED)}")


def copied(match):
    """Return a link to a copy of what a link loads; checks of its digest go, since the copy may not be minified."""
    kind, name, others = match.groups()
    (PAGES / "local").mkdir(exist_ok=True)
    shutil.copyfile(local_file(name), PAGES / "local" / name)
    others = re.sub(r'\s(integrity|crossorigin|referrerpolicy)="[^"]*"', "", others)
    return f'{kind}="local/{name}"{others}>'


def leave_out_what_was_not_run():
    """Take benchmarks without results out of the pages, which would ask for graphs that are not there."""
    index = json.loads((PAGES / "index.json").read_text(encoding="utf-8"))
    drawn = {path.stem for path in (PAGES / "graphs" / "summary").glob("*.json")}
    index["benchmarks"] = {name: one for name, one in index["benchmarks"].items() if name in drawn}
    (PAGES / "index.json").write_text(json.dumps(index), encoding="utf-8")


def main():
    """Fetch what is missing, and change the links."""
    leave_out_what_was_not_run()
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not installed: the pages need a network", file=sys.stderr)
        return
    if not (PACKAGES / "node_modules").exists():
        PACKAGES.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(PACKAGES), *NEEDED]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for page in PAGES.glob("*.html"):
        page.write_text(LINK.sub(copied, page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
