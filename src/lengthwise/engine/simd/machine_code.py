"""Machine code on disk: where it is kept, and that only what this user and this compiler made is loaded.

What lies in the cache is run. A power cut or a full disk leaves files that are cut off or full of zeros, which make
LLVM crash. So each file begins with a SHA-256 of the rest and of what it was made by and for; it appears under its name
when it is complete; and a folder that others can write is not used.
"""

import hashlib
import os
import stat
import tempfile
import warnings
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from shlex import quote

from llvmlite import binding
from platformdirs import user_cache_path

from lengthwise.engine.simd.host import VECTOR_SHAPE, features, processor_name
from lengthwise.errors import LengthwiseWarning, RunError

COMPILER = f"numba {version('numba')} llvmlite {version('llvmlite')} LLVM {binding.llvm_version_info}"
PROCESSOR = f"{binding.get_process_triple()} {processor_name()} {','.join(sorted(features()))}"
MAKER = f"{COMPILER} for {PROCESSOR}"
"""What made the machine code of this process, and for which processor."""


def fingerprint(engine: Path) -> str:
    """Return a name for what the programs are made of.

    That is the sources of the SIMD engine, the tuples of `lengthwise.engine.protocol` that its kernels are given, and
    the shape of the vectors.

    Parameters
    ----------
    engine : Path
        The folder with ``protocol.py`` and ``simd/``.
    """
    digest = hashlib.sha256(str(VECTOR_SHAPE).encode())
    for source in (engine / "protocol.py", *sorted((engine / "simd").rglob("*.py"))):
        digest.update(source.relative_to(engine).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def own_fingerprint() -> str:
    """Return the `fingerprint` of the engine that this process runs."""
    return fingerprint(Path(__file__).parents[1])


def cache_folder() -> Path:
    """Return a folder that this user alone can write: in Numba's if one is set, the user's cache, or a temporary one.

    Warns
    -----
    LengthwiseWarning
        If others can write one of them, which is then not used.
    """
    # The user's number where there is one: a user of a container need not have a name.
    user = os.getuid() if hasattr(os, "getuid") else "user"
    places = [user_cache_path("lengthwise"), Path(tempfile.gettempdir()) / f"lengthwise-{user}"]
    if os.environ.get("NUMBA_CACHE_DIR"):
        places.insert(0, Path(os.environ["NUMBA_CACHE_DIR"]))
    name = own_fingerprint()
    for place in places:
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            place = place.resolve()  # noqa: PLW2901 - whoever can replace a link cannot lead us elsewhere later
            folder = place / name
            folder.mkdir(mode=0o700, exist_ok=True)
            problem = _open_to_others(place, allow_sticky=True) or _open_to_others(folder)
            if problem is None:
                with tempfile.TemporaryFile(dir=folder):
                    return folder
        except OSError:
            continue
        warnings.warn(
            f"the machine code in {place} is not used, and is compiled elsewhere: {problem}, and what lies there is "
            f"run. Take that right from others (chmod -R go-w {quote(str(place))}), or set NUMBA_CACHE_DIR to another "
            f"folder.",
            LengthwiseWarning,
            stacklevel=2,
        )
    return Path(tempfile.mkdtemp(prefix="lengthwise-"))


def _open_to_others(folder: Path, *, allow_sticky: bool = False) -> str | None:
    """Return how another user can put files in a folder or replace those in it, or None if none but root can.

    In a sticky folder, such as ``/tmp``, others can make files, but not replace ours.
    """
    if not hasattr(os, "getuid"):
        return None
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        return f"{folder} is a link"
    if found.st_uid not in (os.getuid(), 0):
        return f"{folder} belongs to another user"
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not (allow_sticky and found.st_mode & stat.S_ISVTX):
        return f"others can write {folder} (mode {stat.S_IMODE(found.st_mode):o})"
    return None


class CodeFiles:
    """The machine code of one program: a file for each combination of types, verified when it is read.

    Parameters
    ----------
    folder : Path
    name : str
        How the files' names begin.
    program : str
        What tells the program from others of this name, such as its module and its source.
    maker : str
        What makes the machine code.
    """

    def __init__(self, folder: Path, name: str, program: str, maker: str = MAKER) -> None:
        self._folder = folder
        self._name = name
        self._identity = f"{maker} {program}"

    def path(self, types: str) -> Path:
        """Return the file for a description of the arguments' types."""
        return self._folder / f"{self._name}-{hashlib.sha256(self._described(types)).hexdigest()[:16]}.code"

    def load(self, types: str) -> bytes | None:
        """Return what was saved for these types, or None if nothing was.

        Raises
        ------
        RunError
            If the file is not as it was written, or was made by another compiler or for other types.
        OSError
            If it cannot be read.
        """
        try:
            content = self.path(types).read_bytes()
        except FileNotFoundError:
            return None
        written, code = content[:32], content[32:]
        if written != self._digest(types, code):
            raise RunError("it is damaged")
        return code

    def save(self, types: str, code: bytes) -> None:
        """Keep the code for these types; nobody else may save for them at the same time.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        path = self.path(types)
        part = path.with_suffix(".part")
        try:
            with part.open("wb") as file:
                file.write(self._digest(types, code) + code)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def _digest(self, types: str, code: bytes) -> bytes:
        return hashlib.sha256(self._described(types) + code).digest()

    def _described(self, types: str) -> bytes:
        return f"{self._identity} {types}".encode()
