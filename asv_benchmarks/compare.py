"""Two commits in turn: fails where the later one is slower, or counts something else.

    python asv_benchmarks/compare.py BASE [--only REGEX]

BASE is checked out and built in a folder of its own; the other side are the files as they are here. Both are measured
with the benchmarks that are here, in processes that take turns. What is compared is the ratio to the control that ran
in the same process (see docs/benchmarking.md), and counts, which are exact. A benchmark that looks slower is measured
again in new processes before it counts as such.
"""

import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from benchmarks import counts, ops
from turns import HERE, Turns

LIMIT, SUSPECT = 1.15, 1.08
ROUNDS, AGAIN, SECONDS = 3, 5, 0.06
LIBRARY = "numbanet"
AOT = Path("numbanet", "backends", "cython")
COMPILED_FROM = ("numbanet/backends", "numbanet/kernels", "numbanet/loops", "numbanet/vector_math", "setup.py")
QUICK = (
    ("training.Epoch", (1,)), ("training.SmallSteps", ()), ("training.ManySmallEpochs", ()),
    ("eager.Operation", ("add", 1000)), ("eager.Operation", ("relu", 1000)), ("eager.TapedOperation", ("add", 1000)),
    ("eager.TapedStep", ("64-32-10", 1)), ("eager.TapedStep", ("784-512-10", 1)),
    ("eager.FunctionStep", ("64-32-10", 1)), ("eager.Gradient", ("log of a softmax",)),
    ("dot.Dot", ("32x64x32",)), ("dot.Dot", ("512x512x512",)), ("dot.DotReplayed", ("128x784x512",)),
    ("dot.DotReplayed", ("784Tx128x512",)), ("dot.DotReplayed", ("128x512x10",)), ("dot.DotReplayed", ("75x949x4",)),
    ("dot.DotBiasRelu", ("128x784x512",)), ("memory.Bandwidth", ("add", 1)), ("memory.Bandwidth", ("add a row", 1)),
)  # fmt: skip
COUNTED = [
    *[("counts.Step", (name,)) for name in counts.Step.params[1]],
    *[("counts.Call", (name,)) for name in counts.Call.params[1]],
]


def root_of(revision):
    """Return a folder with the files of a commit, built."""
    git = ["git", "-C", str(HERE)]
    commit = subprocess.run([*git, "rev-parse", revision], capture_output=True, text=True, check=True).stdout.strip()
    folder = HERE / ".asv" / "compare" / commit
    if not folder.exists():
        subprocess.run([*git, "worktree", "prune"], check=True)
        subprocess.run([*git, "worktree", "add", "--quiet", "--force", "--detach", str(folder), commit], check=True)
        build(folder, commit)
    return folder


def build(folder, commit):
    """Compile the extension, or take the one that is here where its sources are the same."""
    own = HERE.parent / AOT
    same = ["git", "-C", str(HERE.parent), "diff", "--quiet", commit, "--", *COMPILED_FROM]
    compiled = [*own.glob("*.so"), *own.glob("*.pyd")]
    if compiled and subprocess.run(same).returncode == 0:
        for library in compiled:
            shutil.copy2(library, folder / AOT)
    else:
        print(f"building {commit[:9]} ...", flush=True)
        subprocess.run([sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"], cwd=folder, check=True)


def slowdown(turns, name, params, rounds):
    """Return how many times as long as before a benchmark takes, or None if a side does not have it.

    Of all parts of all rounds each side's fastest counts, and the fastest of the controls beside them: what other
    processes took from the others is not the benchmark's.
    """
    request = name, (LIBRARY, *params)
    found = turns.rounds({"before": request, "after": request}, SECONDS, rounds)
    if len(found) < 2:
        return None
    ratios = {}
    for side, answers in found.items():
        own, control = zip(*(answer["least"] for answer in answers), strict=True)
        ratios[side] = min(own) / min(control)
    return ratios["after"] / ratios["before"]


def compared(turns, name, params):
    """Return the slowdown of a benchmark; of one that looks slower, the median over new processes."""
    first = slowdown(turns, name, params, ROUNDS)
    if first is None or first < SUSPECT:
        return first
    again = []
    for _ in range(AGAIN):  # where memory happens to lie is decided anew in each process
        turns.restart()
        again.append(slowdown(turns, name, params, 2 * ROUNDS))
    return statistics.median(again)


def changed_counts(turns, name, params):
    """Return what a benchmark counts that is more than before: (what, before, after)."""
    before, after = (turns.ask(side, name, (LIBRARY, *params)) for side in ("before", "after"))
    return [(what, before[what], value) for what, value in after.items() if value > before.get(what, value) * 1.001]


def main(
    base: Annotated[str, typer.Argument(help="A commit to compare with.")],
    only: Annotated[str, typer.Option(help="A regular expression for names of benchmarks.")] = "",
):
    """Compare the files here with a commit; exit with 1 if something is slower, or counts more."""
    timed = [*QUICK, *((f"ops.{name}", ("65536 float32",)) for name in ops.TABLE)]
    worse = []
    with Turns({"before": root_of(base), "after": HERE.parent}) as turns:
        for name, params in [one for one in COUNTED if re.search(only, label(*one))]:
            for what, before, after in changed_counts(turns, name, params):
                worse.append(f"{label(name, params)}: {what} was {before}, is {after}")
                print(f"more     {worse[-1]}", flush=True)
        for name, params in [one for one in timed if re.search(only, label(*one))]:
            times = compared(turns, name, params)
            if times is not None:
                verdict = "slower" if times > LIMIT else "faster" if times < 1 / LIMIT else ""
                print(f"{verdict:8} {times:5.2f}  {label(name, params)}", flush=True)
                worse += [f"{label(name, params)}: {times:.2f} times as long as before"] * (verdict == "slower")
    print("\n".join(["", f"{len(worse)} worse than {base}:", *worse]) if worse else f"\nnothing is worse than {base}")
    raise typer.Exit(1 if worse else 0)


def label(name, params):
    """Return the name of a benchmark with its parameters."""
    return " ".join([name, *map(str, params)])


if __name__ == "__main__":
    Path(HERE / ".asv").mkdir(exist_ok=True)
    typer.run(main)
