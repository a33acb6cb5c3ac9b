"""The palette stands once, and is to be had without matplotlib."""

import re
import subprocess
import sys
from pathlib import Path

import lengthwise
from lengthwise.plots.palette import COLOURS, GREY, ON_DARK, ON_LIGHT

PACKAGE = Path(lengthwise.__file__).parent


def test_the_palette_does_not_load_matplotlib():
    program = "import sys; import lengthwise.plots.palette; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_its_colours_are_written_nowhere_else():
    colours = {*COLOURS, *ON_LIGHT, *ON_DARK, GREY} - {"#000000", ON_LIGHT[6], ON_DARK[6]}  # black and the page's ink
    page = [PACKAGE / "report" / f"page.{kind}" for kind in ("html.jinja", "css", "js")]
    sources = [path for path in (*PACKAGE.rglob("*.py"), *page) if path.name != "palette.py"]
    assert len(sources) > 100
    for path in sources:
        assert not colours & set(re.findall("#[0-9a-f]{6}", path.read_text())), path
