"""What JSON from a file must look like before it is used."""

from typing import Any

TITLES: dict[Any, str] = {
    str: "a text", int: "a whole number", float: "a number", bool: "true or false", None: "null",
}  # fmt: skip


def check_shape(value: Any, shape: Any, name: str) -> None:
    """Raise `ValueError` with a sentence if a value does not have a shape.

    Parameters
    ----------
    value
        What `json.loads` returned.
    shape
        A type of `TITLES`, None, or `object` for anything; a tuple of shapes, one of which it must have; a list of one
        shape, which all members must have; a dictionary of shapes by name, which is a record: those whose name ends in
        ``?`` may be missing, and others may be there; or with the only key `str`, a dictionary of any names.
    name : str
        What the message calls the value.

    Examples
    --------
    >>> check_shape({"seeds": [0, 1]}, {"seeds": [int], "folds?": int}, "the design")
    >>> check_shape({"seeds": "x"}, {"seeds": [int], "folds?": int}, "the design")
    Traceback (most recent call last):
        ...
    ValueError: seeds of the design is 'x', but must be a list
    """
    match shape:
        case tuple():
            if not any(_fits(value, one) for one in shape):
                raise _refused(value, " or ".join(TITLES.get(one, "something else") for one in shape), name)
        case list():
            _check(isinstance(value, list), value, "a list", name)
            for at, member in enumerate(value):
                check_shape(member, shape[0], f"number {at + 1} of {name}")
        case dict():
            _check(isinstance(value, dict), value, "a table", name)
            for key, inner in _members(value, shape, name):
                check_shape(value[key], inner, f"{key} of {name}")
        case _:
            _check(_fits(value, shape), value, TITLES.get(shape, ""), name)


def _members(value: dict[str, Any], shape: dict[Any, Any], name: str) -> list[tuple[str, Any]]:
    """Return the names of a table that are there, each with its shape."""
    if str in shape:
        return [(key, shape[str]) for key in value]
    for key in shape:
        if not key.endswith("?") and key not in value:
            raise ValueError(f"{name} has no {key}")
    return [(key.removesuffix("?"), inner) for key, inner in shape.items() if key.removesuffix("?") in value]


def _fits(value: Any, shape: Any) -> bool:
    if shape is None or shape is object:
        return value is None or shape is object
    if isinstance(shape, type):
        kinds: Any = (int, float) if shape is float else shape
        return isinstance(value, kinds) and (shape is bool or not isinstance(value, bool))
    try:
        check_shape(value, shape, "it")
    except ValueError:
        return False
    return True


def _check(fits: bool, value: Any, title: str, name: str) -> None:
    if not fits:
        raise _refused(value, title, name)


def _refused(value: Any, title: str, name: str) -> ValueError:
    return ValueError(f"{name} is {value!r:.60}, but must be {title}")
