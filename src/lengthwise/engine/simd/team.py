"""How the threads of a run share its work, so that none waits long for another that the system has stopped.

Where other programs want the same cores, the system stops a thread for milliseconds, in which a whole step could be
made. So nothing is dealt out in advance. A step has *parts* (the weights are packed, the gradients computed, the
parameters changed), and a part has *units*, of which a thread takes one whenever it is ready: first those that are its
own, as their data are in its core's cache, then those that nobody has begun. A part ends when all its units are done,
whoever did them. A thread that comes too late finds nothing to do in it, and goes on to the next.

Nearly all the time goes into the gradients of groups of chunks, so that is where a thread is stopped. The others, when
they have waited for as long as a group takes, compute its group again. Each thread writes a gradient to a buffer of its
own; it counts if its thread is the first to *publish* it, and that of the second is thrown away. Both have the same
bits, unless the second went on with a step that has ended, and read what later steps have changed; nobody reads that.

A part is known by how many units are done when it ends, `due`, counted from the beginning of the call.
"""

import numpy as np

from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.step_types import APART
from lengthwise.engine.simd.vectors import (
    LANES,
    at,
    atomic_increment,
    atomic_load,
    compare_exchange,
    load,
    nanoseconds,
    splat,
    store,
    store_scalar,
    yield_thread,
)

f32 = np.float32
i64 = np.int64

SPIN_NANOSECONDS = 20_000
"""How long a thread that waits keeps its core: longer than packing and updating take, if all threads run."""

FOR_EVER = i64(2**62)
"""A number of nanoseconds."""


# --- taking and finishing units -------------------------------------------------------------------------------------


@kernel
def _take(team, unit, due):
    """Take a unit of a part, and return whether it was there to take."""
    place = at(team.begun, unit * APART)
    before = atomic_load(place)
    return before < due and compare_exchange(place, before, due)


@kernel
def finish(team):
    """Say that a unit is done, with all that was written for it."""
    atomic_increment(team.done)


@kernel
def _let_others_run(began):
    """Give the core to another thread, perhaps the one that is waited for, if the waiting began long enough ago."""
    if nanoseconds() - began > SPIN_NANOSECONDS:
        yield_thread()


@kernel
def share_of(count, share, shares):
    """Return the first of so many things that belong to a share, and the first that belongs to the next.

    What belongs to a thread is together, so that no other writes in its cache lines, nor where the processor reads
    ahead: with every other block of the parameters, two threads change them no faster than one.
    """
    return share * count // shares, (share + 1) * count // shares


@kernel
def next_share(team, thread, due):
    """Return which thread's share of a part the calling thread is to do next, or -1 when all shares are done."""
    for i in range(team.threads):
        share = (thread + i) % team.threads
        if _take(team, team.groups + share, due):
            return share
    began = nanoseconds()
    while atomic_load(team.done) < due:
        _let_others_run(began)
    return i64(-1)


# --- the gradients of groups ----------------------------------------------------------------------------------------


@kernel
def next_group(team, thread, due, patience):
    """Return the group whose gradient the thread is to compute next, or -1 when all are published.

    A thread's own groups are consecutive. It takes those of others from the last to the first, as they do the opposite.

    Parameters
    ----------
    patience : int
        Nanoseconds to wait for those that other threads have begun, before one of them is computed again.
    """
    groups = team.groups
    first, end = share_of(groups, thread, team.threads)
    for group in range(first, end):
        if _take(team, group, due):
            return group
    for i in range(groups - (end - first)):
        group = (first - 1 - i) % groups
        if _take(team, group, due):
            return group
    began = nanoseconds()
    while atomic_load(team.done) < due:
        if nanoseconds() - began > patience:
            for group in range(groups):
                if _part_of(team, group) < due:
                    return group
        _let_others_run(began)
    return i64(-1)


@kernel
def publish(team, group, buffer, thread, due):
    """Make the gradient in the thread's buffer the group's, if it is the first; return which buffer is free now."""
    place = at(team.published, group)
    before = atomic_load(place)
    mark = (due * team.threads + thread) * team.buffers + buffer
    if _part_of(team, group) >= due or not compare_exchange(place, before, mark):
        return buffer
    _add_own_pairs(team, group)
    finish(team)
    return before % team.buffers


@kernel
def _part_of(team, group):
    """Return in which part the group's gradient was published."""
    return atomic_load(at(team.published, group)) // (team.buffers * team.threads)


@kernel
def buffer_of(team, group):
    """Return the buffer with a group's gradient."""
    return atomic_load(at(team.published, group)) % team.buffers


# --- their sum ------------------------------------------------------------------------------------------------------


@kernel
def fill_zero(p, start, stop):
    """Make the numbers from `start` to `stop` zero."""
    for i in range(start, stop):
        store_scalar(f32(0), p, i)


@kernel
def _move(p, other, count):
    """Add `count` numbers to those at p, and make them zero where they were: they are in the cache now."""
    whole = count // LANES * LANES
    for i in range(0, whole, LANES):
        store(load(p, i) + load(other, i), p, i)
        store(splat(f32(0)), other, i)
    for i in range(whole, count):
        store_scalar(p[i] + other[i], p, i)
    fill_zero(other, whole, count)


@kernel
def _add_pair(team, group, half, start, stop):
    """Add the gradient of the group that is `half` groups further, from `start` to `stop`, and leave zeros there."""
    p, other = buffer_of(team, group) * team.P, buffer_of(team, group + half) * team.P
    _move(at(team.gradients, p + start), at(team.gradients, other + start), stop - start)


@kernel
def _same_owner(team, first, end):
    """Whether one thread has published the groups from `first` to `end`, in one part."""
    owner, same = atomic_load(at(team.published, first)) // team.buffers, True
    for group in range(first + 1, end):
        same = same and atomic_load(at(team.published, group)) // team.buffers == owner
    return same


@kernel
def _add_own_pairs(team, group):
    """Add the pairs that a group completes, and whose groups one thread has published: they are in its core's cache."""
    half = i64(1)
    while half < team.groups:
        first = group - group % (2 * half)
        if not _same_owner(team, first, min(first + 2 * half, team.groups)):
            return
        if first + half < team.groups:
            _add_pair(team, first, half, i64(0), team.P)
        half *= 2


@kernel
def add_groups(team, start, stop):
    """Sum the groups' gradients into the first group's, from `start` to `stop`.

    They are added in pairs, then in pairs of pairs, and so on: in this order whoever adds them. Pairs whose groups one
    thread has published have been added.
    """
    half = i64(1)
    while half < team.groups:
        for group in range(0, team.groups - half, 2 * half):
            if not _same_owner(team, group, min(group + 2 * half, team.groups)):
                _add_pair(team, group, half, start, stop)
        half *= 2
