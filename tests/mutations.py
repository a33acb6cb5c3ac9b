"""Files as disks, transfers and editors damage them, and as somebody would who looks for a way in."""

import numpy as np

NUMBERS = (b"0", b"-1", b"99999999999999999999", b"1e999", b"nan", b"'", b'"', b"[" * 50, b"\n", b"\xff\xfe", b"\0")


def mutated(content, rng):
    """Return a file's content with one to three changes.

    Parameters
    ----------
    content : bytes
    rng : numpy.random.Generator
    """
    for _ in range(int(rng.integers(1, 4))):
        content = CHANGES[rng.integers(len(CHANGES))](content, rng)
    return content


def _place(content, rng):
    """A place in the file; half of the time near its beginning, or its end, where headers and directories are."""
    near = min(len(content), 200)
    where = rng.integers(4)
    if where == 0:
        return int(rng.integers(near + 1))
    if where == 1:
        return len(content) - int(rng.integers(near + 1))
    return int(rng.integers(len(content) + 1))


def _flipped(content, rng):
    at = _place(content, rng)
    return content[:at] + bytes(byte ^ (1 << int(rng.integers(8))) for byte in content[at : at + 1]) + content[at + 1 :]


def _overwritten(content, rng):
    at, count = _place(content, rng), int(rng.integers(1, 40))
    return content[:at] + rng.bytes(len(content[at : at + count])) + content[at + count :]


def _zeroed(content, rng):
    at, count = _place(content, rng), int(rng.integers(1, 600))
    return content[:at] + bytes(len(content[at : at + count])) + content[at + count :]


def _cut_off(content, rng):
    return content[: _place(content, rng)]


def _shortened(content, rng):
    at = _place(content, rng)
    return content[:at] + content[at + int(rng.integers(1, 40)) :]


def _inserted(content, rng):
    at = _place(content, rng)
    return content[:at] + NUMBERS[rng.integers(len(NUMBERS))] + content[at:]


def _repeated(content, rng):
    at, count = _place(content, rng), int(rng.integers(1, 200))
    return content[: at + count] + content[at:]


CHANGES = (_flipped, _overwritten, _zeroed, _cut_off, _shortened, _inserted, _repeated)


def mutations(content, count, seed=0):
    """Yield as many damaged contents, the same for the same seed."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield mutated(content, rng)
