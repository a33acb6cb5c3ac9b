"""The documentation is correct: links lead somewhere, and console examples run and print the output shown."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import shown

ROOT = Path(__file__).parents[1]
PAGES = sorted(page for pattern in ("*.md", "docs/**/*.md", "src/**/*.md") for page in ROOT.glob(pattern))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?:\]\(|src=\")([^)\"\s]+)")


def blocks(page: Path, kind: str) -> list[str]:
    return [body for found, body in FENCE.findall(page.read_text()) if found == kind]


def links(page: Path) -> list[str]:
    return LINK.findall(FENCE.sub("", page.read_text()))


def anchors(page: Path) -> set[str]:
    """Return what GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def examples(block: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block and the output shown for it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def pattern(expected: str) -> str:
    """Return a regular expression: a line of ``...`` stands for any lines, ``...`` in a line for any text of it."""
    lines = []
    for line in expected.splitlines():
        if line == "...":
            lines.append(r"(?:.*\n)*?")
        else:
            words = [re.escape(word).replace(re.escape("..."), ".*") for word in line.split()]
            lines.append(r"[ ]*" + r"[ ]+".join(words) + r"[ ]*\n")
    return "".join(lines)


def names(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    broken = []
    for link in links(page):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


WITH_CONSOLE = [page for page in PAGES if blocks(page, "console")]


@pytest.mark.parametrize("page", WITH_CONSOLE, ids=names(WITH_CONSOLE))
def test_console_examples_print_what_is_shown(page: Path, tmp_path: Path) -> None:
    for block in blocks(page, "console"):
        for command, expected in examples(block):
            program, *arguments = shlex.split(command)
            assert program == "lengthwise"
            done = subprocess.run(
                [sys.executable, "-m", "lengthwise", *arguments],
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            assert re.fullmatch(pattern(expected), done.stdout), f"$ {command}\n{done.stdout}\ninstead of\n{expected}"
            assert (done.returncode != 0) == expected.startswith("lengthwise: ")


def test_pages_show_how_the_walks_are_read_and_one_answer(tmp_path: Path) -> None:
    (found,) = shown.info(tmp_path)
    assert shown.between(shown.OWN_DATA, found.name) == found.text
    answer = shown.between(ROOT / "README.md", "first").partition("…\n")[2]
    assert answer
    assert shown.between(shown.OWN_DATA, "walks").endswith(answer)
    recipe = shown.between(shown.STUDY, "recipe")
    assert recipe
    assert shown.between(shown.STUDY, "digits").startswith(recipe)


def test_pages_show_one_answer_of_mnist() -> None:
    answer = shown.between(shown.MNIST, "mnist")
    assert re.match(r"\d+ of 28 steps are enough: ", answer)
    assert shown.between(shown.RECOMMENDATION, "mnist") == answer


def test_the_study_of_the_sunspots_prints_what_its_page_shows(tmp_path: Path) -> None:
    # Its networks are trained so briefly that kinds of processors differ by 1e-7 in a score, which no figure shows.
    pytest.importorskip("statsmodels")
    (found,) = shown.sunspots(tmp_path)
    assert shown.between(shown.FORECASTING, found.name) == found.text


def test_shown_answers_are_those_of_the_commands_that_pages_show() -> None:
    assert shown.command(shown.SENSOR_DATA, "study --resume watch") == shlex.split(
        "study --resume watch --margin 0.1 --time 5m"
    )
    airline = shown.command(shown.FORECASTING, "study --data 'airline")
    assert airline[:3] == ["study", "--data", "airline?validation=0.2&test=0.2&lookback=36"]
    assert airline[-2:] == ["--out", "airline"]


def test_whatever_is_marked_as_shown_is_shown() -> None:
    marked = [
        (page, name)
        for page in PAGES
        for name in re.findall(r"<!-- begin: python -m benchmarks\.shown: (.+) -->", page.read_text())
    ]
    assert len(marked) >= 13
    assert [place for place in marked if not shown.between(*place)] == []


def test_the_korean_readme_has_the_same_parts_commands_and_links() -> None:
    def parts(page: Path) -> dict[str, list[str]]:
        text = page.read_text()
        return {
            "headings": re.findall(r"^#+ ", text, re.MULTILINE),
            "blocks": FENCE.findall(text),
            "links": sorted(link for link in links(page) if not re.match(r"README|.*ipynb", link)),
        }

    assert parts(ROOT / "README.ko.md") == parts(ROOT / "README.md")


def test_every_page_of_the_documentation_is_in_the_navigation() -> None:
    pages = re.findall(r'= "([^"]+\.md)" \}', (ROOT / "zensical.toml").read_text())
    assert sorted(pages) == sorted(str(page.relative_to(ROOT / "docs")) for page in ROOT.glob("docs/**/*.md"))


def test_every_page_of_the_documentation_is_linked_from_another() -> None:
    linked = {(page.parent / link.partition("#")[0]).resolve() for page in PAGES for link in links(page)}
    assert [str(page) for page in ROOT.glob("docs/**/*.md") if page not in linked] == []


def test_the_reference_of_the_commands_is_up_to_date() -> None:
    """The pages of commands and settings have the text that the program generates."""
    program = "import json, runpy; pages = runpy.run_path('scripts/make_reference.py')['PAGES']; "
    program += "print(json.dumps({name: page() for name, page in pages.items()}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    for name, text in json.loads(done.stdout).items():
        assert (ROOT / "docs" / "reference" / name).read_text() == text, "make it again with scripts/docs"
