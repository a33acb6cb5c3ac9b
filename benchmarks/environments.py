"""The peers' environment: made once, outside the checkout, with whatever of it can be installed."""

import os
import subprocess
import sys
import venv
from pathlib import Path

from platformdirs import user_cache_path

REQUIREMENTS = Path(__file__).parent / "peers" / "requirements.txt"

DEFAULT_FOLDER = user_cache_path("lengthwise") / "peers"


def python_in(folder: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def ensure_peers(folder: Path) -> Path:
    """Return the interpreter of the peers' environment, which is made if there is none.

    What cannot be installed is named in a sentence; its peers will be left out.
    """
    python = python_in(folder).absolute()
    if python.exists():
        return python
    print(f"Making the peers' environment in {folder}: PyTorch, TensorFlow and JAX, some gigabytes.", flush=True)
    venv.create(folder, with_pip=True)
    if _install(python, ["-r", str(REQUIREMENTS)]) is None:
        return python
    lines = (line.split("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines())
    for requirement in filter(None, lines):
        reason = _install(python, [requirement])
        if reason is not None:
            print(f"{requirement} could not be installed, so its peers are left out: {reason}", flush=True)
    return python


def _install(python: Path, requirements: list[str]) -> str | None:
    """Install packages; return why that failed, or None."""
    command = [str(python), "-m", "pip", "install", "--quiet", *requirements]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 0:
        return None
    errors: list[str] = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return errors[-1] if errors else f"pip ended with {done.returncode}."


def variables(threads: int, cache: Path) -> dict[str, str]:
    """Return the environment variables of a worker that has so many threads.

    Parameters
    ----------
    threads : int
    cache : Path
        Where a compiler may keep what it made.
    """
    count = str(threads)
    return os.environ | {
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "NPROC": count,  # XLA's
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TORCHINDUCTOR_CACHE_DIR": str(cache),
        "JAX_COMPILATION_CACHE_DIR": str(cache / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.1",
    }
