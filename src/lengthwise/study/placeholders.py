"""``{seq_len}`` and the others, in what a user writes; other braces stay as they are."""

import re
from collections.abc import Mapping

NAMES = ("seq_len", "seed", "fold", "folds", "out")

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")


def placeholders_of(text: str) -> set[str]:
    """Return the placeholders that a text has.

    >>> sorted(placeholders_of("--len {seq_len} --json '{}' {out}/m.json"))
    ['out', 'seq_len']
    """
    return {name for name in _PLACEHOLDER.findall(text) if name in NAMES}


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with the placeholders replaced by values; those without a value stay.

    >>> filled("{seq_len}/{a}/{fold}", {"seq_len": "8"})
    '8/{a}/{fold}'
    """
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
