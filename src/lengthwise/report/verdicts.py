"""The verdict on each length, in a word or two."""

from lengthwise.analysis import Recommendation

RECOMMENDED = "recommended"


def verdict_of(found: Recommendation, seq_len: int) -> str:
    """Return the verdict on a length: recommended, enough, too short, worse (though longer), or not decided."""
    if found.seq_len == seq_len:
        return RECOMMENDED
    verdict = found.test(seq_len).verdict
    if verdict == "open":
        return "not decided"
    if verdict == "enough":
        return "enough"
    longer = found.seq_len is not None and seq_len > found.seq_len
    return "worse" if longer else "too short"
