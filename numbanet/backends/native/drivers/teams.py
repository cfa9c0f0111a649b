"""Replaying launches by a team: threads that walk the same list of items, and share each of them.

An item is what happens between two meetings: parts of launches in shares, at most as many as the team has members (see
`launching.shares`). A member takes the share of its own number; it waits until all shares of the item are done, and
goes on to the next. Whoever is not there, because another process has its
processor, is not waited for: others take its share, and when it comes back, it finds its shares taken and runs through
the list to where the others are. Only a share that somebody has begun must be waited for; if that happens too
often, the first member, which returns to Python, sends those home that it waited for.

`words` is the address of what the team shares, a line of `LINE` words for all and one for each member. The line of a
member holds the number of the last item of which its share was taken, counted from the first step on, so taking one is
one compare-and-exchange on a line that nobody else writes to, and a share of an item that is over cannot be taken: it
was taken before.
"""

from numbanet.backends.native.primitives import (
    add_to,
    as_int64,
    call_kernel,
    exchange,
    inlined,
    let_others_run,
    look_at,
    nanoseconds,
    put_at,
    write_double,
)
from numbanet.kernels.words import (
    ALLOWED,
    AT,
    BEGAN,
    DONE,
    ENDED,
    HALF,
    LEAVE,
    LINE,
    LOST,
    OVER,
    PATIENCE_NS,
    SPINS,
    STOP,
    TAKEN,
    TOLERANCE,
    WAIT_NS,
)


@inlined
def take(line, item):
    """Take a share, if nobody has: `line` is that of the member whose it is."""
    seen = look_at(line + 8 * TAKEN)
    return seen < item and exchange(line + 8 * TAKEN, seen, item)


@inlined
def begin_step(slots, numbers, words, step, steps, every, turn):
    """Fill in the numbers of a step, or end the walk before it: time is up, or Python wants it."""
    if step == steps // 2:
        put_at(words + 8 * HALF, nanoseconds())
    late = step > 0 and step % every == 0 and nanoseconds() - look_at(words + 8 * BEGAN) > turn
    if late or look_at(words + 8 * STOP) != 0:
        put_at(words + 8 * ENDED, step)
        return
    for i in range(slots.shape[0]):
        write_double(slots[i, 0], numbers[step, slots[i, 1]])


@inlined
def do_share(pieces, items, slots, numbers, words, step, i, share, steps, every, turn):
    """Run one share of item `i`, or begin the step, and count it."""
    if i < 0:
        begin_step(slots, numbers, words, step, steps, every, turn)
    else:
        for p in range(items[i, share + 1], items[i, share + 2]):
            call_kernel(pieces[p, 0], pieces[p, 1], pieces[p, 2], pieces[p, 3])
    add_to(words + 8 * DONE, 1)


@inlined
def send_home(words, team, item, since):
    """Ask those members to leave that are not here, if waiting for them took too long altogether."""
    now = nanoseconds()
    lost = look_at(words + 8 * LOST) + now - since
    if lost > look_at(words + 8 * ALLOWED) + (now - look_at(words + 8 * BEGAN)) // TOLERANCE:
        for other in range(1, team):
            line = words + 8 * LINE * (1 + other)
            if look_at(line + 8 * AT) < item:
                put_at(line + 8 * LEAVE, 1)


@inlined
def leave(words, me):
    """Write down when the walk was over: for the first member it is."""
    if me == 0:
        put_at(words + 8 * OVER, nanoseconds())


@inlined
def take_others(pieces, items, slots, numbers, words, step, i, item, shares, steps, every, turn):
    """Do the shares of an item that nobody has taken; how many those were."""
    taken = 0
    for other in range(shares):
        if take(words + 8 * LINE * (1 + other), item):
            do_share(pieces, items, slots, numbers, words, step, i, other, steps, every, turn)
            taken += 1
    return taken


def replay_together(pieces, items, slots, numbers, words, steps, every, turn, start, stop):
    """Member `start` of a team of `stop` walks all items `steps` times.

    `pieces` is (count, 4): function, block, start and stop of a part of a launch. `items` is (count, members + 2): how
    many shares, then where each begins in `pieces`, and where the last one ends. See `replay` for the others.
    """
    me, team = as_int64(start), as_int64(stop)
    own = words + 8 * LINE * (1 + me)
    exchange(words + 8 * BEGAN, 0, nanoseconds())
    item, goal, absent = 0, 0, 0
    for step in range(steps):
        for i in range(-1, items.shape[0]):
            if look_at(own + 8 * LEAVE) != 0:
                return
            shares = 1 if i < 0 else items[i, 0]
            item, goal = item + 1, goal + shares
            if me < shares and take(own, item):
                do_share(pieces, items, slots, numbers, words, step, i, me, steps, every, turn)
            put_at(own + 8 * AT, item)
            spins, began, since, looked = 0, 0, 0, False
            while look_at(words + 8 * DONE) < goal:
                spins += 1
                now = nanoseconds() if spins % SPINS == 0 else 0
                began = now if began == 0 else began
                if not looked and (absent > 0 or now - began > PATIENCE_NS):
                    looked = True
                    taken = take_others(pieces, items, slots, numbers, words, step, i, item, shares, steps, every, turn)
                    absent = taken if shares > 1 else absent
                if now - began > WAIT_NS:
                    if me == 0:
                        since = now if since == 0 else since
                        send_home(words, team, item, since)
                    let_others_run()
            if since != 0:
                add_to(words + 8 * LOST, nanoseconds() - since)
            if i < 0 and look_at(words + 8 * ENDED) >= 0:
                leave(words, me)
                return
    leave(words, me)
