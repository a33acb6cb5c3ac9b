"""The verdict on each length, in one or two words."""

from lengthwise.analysis import Recommendation

RECOMMENDED = "recommended"


def verdict_of(found: Recommendation, seq_len: int) -> str:
    """Return the verdict on a length: recommended, enough, too short, worse (a shorter one may do), or not decided."""
    if found.seq_len == seq_len:
        return RECOMMENDED
    verdict = found.test(seq_len).verdict
    if verdict == "open":
        return "not decided"
    if verdict == "enough":
        return "enough"
    return "too short" if found.is_too_short(seq_len) else "worse"
