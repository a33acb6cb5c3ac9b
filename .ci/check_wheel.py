"""Say whether a wheel has all that it must have, and nothing else: ``check_wheel.py FILE.whl``."""

import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

MNIST = "lengthwise/data/mnist"
NEEDED = (
    "lengthwise/py.typed",
    f"{MNIST}/NOTICE.md",
    *(f"lengthwise/report/{name}" for name in ("page.html.jinja", "page.css", "page.js")),
    *(f"lengthwise/report/vendor/{name}" for name in ("d3.min.js", "plot.umd.min.js", "NOTICE.md")),
    *(f"{MNIST}/{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")),
)
OBJECT_CODE = "lengthwise/engine/simd/shipped/"
MOST_BYTES = 20_000_000

path = Path(sys.argv[1])
with zipfile.ZipFile(path) as wheel:
    names = wheel.namelist()
    about = next(name.split("/")[0] for name in names if ".dist-info/" in name)
    metadata = message_from_bytes(wheel.read(f"{about}/METADATA"))

size = path.stat().st_size
needed = [*NEEDED, f"{about}/licenses/LICENSE", f"{about}/licenses/src/{MNIST}/NOTICE.md"]
needed += [f"{about}/licenses/src/lengthwise/report/vendor/NOTICE.md"]
problems = [f"{name} is missing" for name in needed if name not in names]
problems += [f"{name} does not belong there" for name in names if name.split("/")[0] not in ("lengthwise", about)]
problems += [
    f"{name} is missing" for name in ("LICENSE", f"src/{MNIST}/NOTICE.md") if f"{about}/licenses/{name}" not in names
]
if not any(name.startswith(OBJECT_CODE) for name in names):
    problems.append(f"{OBJECT_CODE} has no object code")
if metadata["License-Expression"] != "Apache-2.0 AND CC-BY-SA-3.0 AND ISC":
    problems.append(f"the licence is {metadata['License-Expression']}")
if size > MOST_BYTES:
    problems.append(f"{size:,} bytes are more than {MOST_BYTES:,}")
print(f"{path.name}: {len(names)} files, {size / 1e6:.1f} MB, {metadata['License-Expression']}")
if problems:
    sys.exit(f"{path.name}: {'; '.join(problems)}.")
