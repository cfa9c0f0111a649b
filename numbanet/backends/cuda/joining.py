"""Launches of a Program put together: a launch of a graph takes a microsecond or two, whatever little it does.

Two rules, both of which leave every result its bytes, since every loop is the one that it was:

- Updates of variables by one rule become one launch (`together`): each of its blocks finds out which of them it is of.
- Launches of one block each, one after the other, become one launch (`one_after_the_other`), with a barrier between
  them. Which loops may follow which is written down, in `FOLLOWED`, so that the kernels that there are do not depend on
  models.

A launch is only moved to an earlier one past launches whose memory it has no part in.
"""

from typing import Any, NamedTuple

import numpy as np

from numbanet.backends.cuda.elementwise import make_map
from numbanet.backends.cuda.gather import make_fetch
from numbanet.backends.cuda.ranges import make_range
from numbanet.backends.cuda.recorded import next_numbers
from numbanet.backends.cuda.reductions import WHOLE, make_reduction
from numbanet.backends.cuda.toolkit import cuda, device, part
from numbanet.kernels.arrays import DeviceArray
from numbanet.kernels.recording import recording
from numbanet.loops import arithmetic, move, optimizers, reduce, step

MOST = 8
"""So many updates are put together at most; fewer leave room in the same kernel."""
PARAMETER_BYTES = 4096
"""What the parameters of a kernel may take on every GPU (CUDA C++ Programming Guide, technical specifications)."""

FOLLOWED = {
    next_numbers: (make_fetch,),
    make_fetch: (move.astype,),  # the labels of a batch, in the dtype that the loss takes
    reduce.sum_rows: (arithmetic.divide,),  # the mean of the losses
    arithmetic.divide: (reduce.sum_columns,),
    step.store_number: (step.advance,),
}
"""From what a launch of one block does to what may follow in the same launch."""
WRITE_THE_LAST = make_map, make_fetch, optimizers.clip_values, optimizers.scale_to_norm, optimizers.sum_of_squares
"""Kernels and loops that write to the last of their arrays alone."""
WHOLE_BLOCKS = (make_reduction,)
"""Kernels whose threads wait for each other: all threads of a block take part."""

_TOGETHER = """
def kernel({parameters}):
    block, one, first = np.int64(cuda.blockIdx.x), 0, 0
    ends = ({ends},)
    while block >= ends[one]:
        first = ends[one]
        one += 1
    n = ({counts},)[one]
{chosen}
    threads = np.int64(cuda.blockDim.x)
    i = (block - first) * threads + np.int64(cuda.threadIdx.x)
    while i < n:
        body({operands}, i, i + 1)
        i += (ends[one] - first) * threads
"""


def make_together(body, slots, number):
    """The kernel of `MOST` ranges of one body.

    Its operands: those at the positions `slots`, which all ranges share; then of each range its own operands, n, and
    the number of the block after its last one.
    """
    places = range(body.__code__.co_argcount - 2)
    own = {i: [f"x{i}_{one}" for one in range(MOST)] for i in places if i not in slots}
    counts, ends = ([f"{name}_{one}" for one in range(MOST)] for name in ("n", "end"))
    columns = [*own.values(), counts, ends]
    text = _TOGETHER.format(
        parameters=", ".join([f"x{i}" for i in slots] + [column[one] for one in range(MOST) for column in columns]),
        ends=", ".join(ends), counts=", ".join(counts),
        chosen="\n".join([f"    x{i} = ({', '.join(column)},)[one]" for i, column in own.items()]),
        operands=", ".join([f"number(x{i}[0])" if i in slots else f"x{i}" for i in places]),
    )  # fmt: skip
    names = {"cuda": cuda, "np": np, "body": device(body), "number": number.type}
    exec(text, names)
    return names["kernel"]


def make_sequence(*parts):
    """The kernel of several kernels, each of which has one block; `parts` are (make, parameters, operands, threads)."""
    names: dict[str, Any] = {"cuda": cuda}
    lines, parameters = [], []
    for i, (make, own, count, threads) in enumerate(parts):
        names[f"part{i}"] = part(make(*own))
        operands = [f"x{i}_{j}" for j in range(count)]
        parameters += operands
        only = f"if cuda.threadIdx.x < {threads}: " if make is make_map else ""  # others walk as far as the block does
        lines += [f"    {only}part{i}({', '.join(operands)})", "    cuda.syncthreads()"]
    exec("\n".join([f"def kernel({', '.join(parameters)}):", *lines[:-1]]), names)
    return names["kernel"]


class _Parts(NamedTuple):
    """Launches that become one, in order."""

    rule: Any
    launches: list


def joined(backend, launches):
    """As few launches as the rules make of those of a Program.

    Parameters
    ----------
    backend : CudaBackend
    launches : list of CudaLaunch

    Returns
    -------
    list of CudaLaunch
    """
    groups: list[_Parts] = []
    for launch in launches:
        at, rule = _place(groups, launch)
        if at is None:
            groups.append(_Parts(rule, [launch]))
        else:
            groups[at] = _Parts(rule, [*groups[at].launches, launch])
    return [group.launches[0] if len(group.launches) == 1 else group.rule(backend, group.launches) for group in groups]


def _place(groups, launch):
    """(which group a launch joins, by which rule): the latest that it may, with nothing in between that it touches."""
    for at in range(len(groups) - 1, -1, -1):
        others = groups[at].launches
        for rule, may in ((together, _may_join), (one_after_the_other, _may_follow)):
            if groups[at].rule in (None, rule) and may(others, launch):
                return at, rule
        if any(_touch(other, launch) for other in others):
            break
    return None, None


def _may_join(others, launch):
    """Whether a launch does to other memory what these do, with the same numbers of the step."""
    if launch.make is not make_range or launch.parameters[0].__module__ != optimizers.__name__:
        return False
    first = others[0]
    if (first.make, first.parameters, first.number) != (make_range, launch.parameters, launch.number):
        return False
    fits = len(others) < MOST and _bytes(launch) <= PARAMETER_BYTES
    alike = all(_kind(x) == _kind(y) for x, y in zip(first.operands, launch.operands, strict=True))
    same = [_reach(x) for x in _shared(first)] == [_reach(x) for x in _shared(launch)]
    return fits and alike and same and not any(_touch(other, launch) for other in others)


def _shared(launch):
    """What lies in memory for all updates: the numbers of the step."""
    return [launch.operands[i] for i in launch.parameters[1]]


def _own(launch):
    return [x for i, x in enumerate(launch.operands) if i not in launch.parameters[1]]


def _bytes(launch):
    """What the parameters of as many launches take as are put together, beside the numbers of their blocks."""
    shared, own = (8 * sum(map(_words, operands)) for operands in (_shared(launch), _own(launch)))
    return shared + MOST * (own + 8)


def _words(x):
    return 5 + 2 * x.ndim if isinstance(x, DeviceArray) else 1


def _kind(x):
    return (x.dtype, x.ndim, x.flags.c_contiguous) if isinstance(x, DeviceArray) else type(x)


def _may_follow(others, launch):
    """Whether a launch of one block may come after these in theirs."""
    last, alone = others[-1], (1,)
    if launch.grid not in (alone, (1, 1)) or others[0].grid not in (alone, (1, 1)):
        return False
    if _what(launch) not in FOLLOWED.get(_what(last), ()):
        return False
    threads = {one.block for one in (*others, launch) if one.make in WHOLE_BLOCKS}
    return not threads or threads == {_threads([*others, launch])}


def _threads(launches):
    return max(one.block for one in launches)


def _what(launch):
    """What a launch does, as `FOLLOWED` names it."""
    if launch.make is make_reduction and launch.parameters[2] != WHOLE:
        return None
    return launch.parameters[0] if callable((*launch.parameters, None)[0]) else launch.make


def _touch(one, other):
    """Whether one of two launches may write to memory that the other one works on."""
    return _overlap(_written(one), other.keep) or _overlap(one.keep, _written(other))


def _written(launch):
    """The arrays that a launch may write to: all, unless it is known better."""
    if launch.make in WRITE_THE_LAST or (*launch.parameters, None)[0] in WRITE_THE_LAST:
        return launch.keep[-1:]
    slots = launch.parameters[1] if launch.make is make_range else ()  # which kernels read alone
    return [x for i, x in enumerate(launch.operands) if isinstance(x, DeviceArray) and i not in slots]


def _overlap(some, others):
    mine, its = map(_reach, some), [_reach(x) for x in others]
    return any(low < end and first < high for low, high in mine for first, end in its)


def _reach(x):
    return np.lib.array_utils.byte_bounds(x.layout)


def together(backend, launches):
    """One launch of updates of different variables."""
    first, end = launches[0], 0
    operands = _shared(first)
    for one in launches:
        end += one.grid[0]
        operands += [*_own(one), end]
    operands += [*_own(launches[-1]), end] * (MOST - len(launches))  # which no block looks at
    return _recorded(backend, make_together, first.parameters, (end,), first.block, operands, first.number)


def one_after_the_other(backend, launches):
    """One launch of launches of one block each."""
    parts = tuple((one.make, one.parameters, len(one.operands), one.block[0]) for one in launches)
    operands = [x for one in launches for x in one.operands]
    made = _recorded(backend, make_sequence, parts, (1,), _threads(launches), operands, launches[-1].number)
    return made._replace(name=", ".join(one.name for one in launches))


def _recorded(backend, make, parameters, grid, block, operands, number):
    with recording() as made:
        backend.launch(make, parameters, grid, block, tuple(operands), number)
    return made[0]
