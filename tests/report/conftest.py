"""A browser, and studies to look at."""

import os
import shutil
from pathlib import Path

import pytest

from lengthwise.report.files import write_page, write_tables
from tests.report.made import dataset, made_study

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
"""Where screenshots are kept; git ignores it."""

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser():
    """Chromium, as the system has it."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"there is no browser: none of {', '.join(NAMES)} is on the path (Debian's package: chromium)")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


class Visit:
    """A page that was opened, with its messages and requests.

    Attributes
    ----------
    page : playwright.sync_api.Page
    complaints : list of str
        Errors and warnings on its console, and exceptions.
    requests : list of str
        What it asked for, its own address aside.
    """

    def __init__(self, page, address):
        self.page = page
        self.complaints = []
        self.requests = []
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url) if request.url != address else None)
        page.goto(address)

    def _heard(self, kind, text):
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def sentence(self):
        """The answer that the page shows."""
        return self.page.locator("#answer p").first.inner_text()

    def picture(self, name):
        """Keep a picture of what the window shows, or of the whole page."""
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")


@pytest.fixture
def visit(browser):
    """Opens a file or an address in a browser of its own: ``visit(path, size=(width, height), dark=False)``."""
    contexts = []

    def open_page(address, *, size=(1280, 800), dark=False):
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        return Visit(context.new_page(), address.as_uri() if isinstance(address, Path) else address)

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def study():
    """A study of 28 lengths and 3 seeds whose recommendation depends on the margin."""
    return made_study()


@pytest.fixture(scope="session")
def report(study, tmp_path_factory):
    """The folder of its report."""
    folder = tmp_path_factory.mktemp("report")
    write_page(study, folder)
    write_tables(study, folder)
    return folder


@pytest.fixture(scope="session")
def several_report(tmp_path_factory):
    """The page of a study of three configurations."""
    folder = tmp_path_factory.mktemp("several")
    write_page(made_study(dataset(test=200), seq_lens="4:28:4", hidden_size=(16, 31, 64)), folder)
    return folder
