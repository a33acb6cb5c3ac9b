"""Doctests are collected from every module here whose library is installed."""

from importlib.util import find_spec

collect_ignore = [
    f"peers/{module}.py"
    for module, library in (("jax_cells", "jax"), ("jax_xla", "jax"), ("keras_tensorflow", "tensorflow"))
    if find_spec(library) is None
]
