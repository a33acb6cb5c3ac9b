"""The server's answers: who is answered, the page's data as they change, the table, and a store that cannot be read."""

import csv
import io
import json

import pytest

from lengthwise import Study
from tests.report.made import add_runs, dataset

pytest.importorskip("starlette")
pytest.importorskip("httpx2")

from starlette.testclient import TestClient

from lengthwise.report.hosts import Host
from lengthwise.report.server import Pages, application


@pytest.fixture
def study(tmp_path):
    """A study in a folder, of whose 8 runs 3 have finished."""
    return add_runs(Study(dataset(test=50), seq_lens="4:28:8", seeds=2, out=tmp_path / "study", recipe="notebook"), 3)


@pytest.fixture
def pages(study):
    return Pages(study.out, data=study.dataset)


def client_of(pages, *, listening="127.0.0.1", asked="127.0.0.1"):
    """A client that names `asked` as the host, of a server that listens at `listening`."""
    return TestClient(application(pages, Host.of(listening).names), base_url=f"http://{asked}")


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("listening", ["127.0.0.1", "localhost", "::1"])
@pytest.mark.parametrize("path", ["/", "/data.json", "/results.csv"])
def test_a_host_of_another_name_is_refused_on_this_machine(pages, listening, path):
    answer = client_of(pages, listening=listening, asked="elsewhere.example").get(path)
    assert answer.status_code == 400
    assert answer.text == "Invalid host header"


@pytest.mark.parametrize("asked", ["127.0.0.1", "localhost", "localhost:8765", "[::1]:8765"])
def test_this_machine_s_names_are_answered(pages, asked):
    assert client_of(pages, asked=asked).get("/results.csv").status_code == 200


def test_where_others_may_reach_the_server_every_name_is_answered(pages):
    answer = client_of(pages, listening="0.0.0.0", asked="study.example").get("/results.csv")
    assert answer.status_code == 200


def test_a_server_of_a_name_answers_to_that_name_alone(pages):
    names = Host("board.example", frozenset({"192.0.2.7"})).names
    for asked, code in (
        ("board.example:8080", 200), ("BOARD.example", 200), ("192.0.2.7:8080", 200), ("localhost", 200),
        ("evil.example", 400), ("board.example.evil.example", 400), ("www.board.example", 400), ("192.0.2.8", 400),
    ):  # fmt: skip
        client = TestClient(application(pages, names), base_url=f"http://{asked}")
        assert client.get("/results.csv").status_code == code, asked


def test_the_page_is_live_and_is_not_cached(pages):
    answer = client_of(pages).get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert "data-live" in answer.text


def test_data_are_sent_when_the_store_has_changed_and_else_the_status_alone(study, pages):
    client = client_of(pages)
    first = client.get("/data.json").json()
    assert len(read(first["csv"])) == 3
    again = client.get("/data.json", params={"version": first["version"]}).json()
    assert again == {"version": first["version"], "status": first["status"]}
    add_runs(study, 1)
    after = client.get("/data.json", params={"version": first["version"]}).json()
    assert after["version"] != first["version"]
    assert len(read(after["csv"])) == 4


def test_the_table_is_a_file_to_download(study, pages):
    answer = client_of(pages).get("/results.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="results.csv"'
    rows, results = read(answer.text), study.results
    assert [(int(row["seq_len"]), int(row["seed"])) for row in rows] == list(
        zip(results.seq_len, results.seed, strict=True)
    )
    assert [float(row["test_score"]) for row in rows] == results.test_score.tolist()


@pytest.mark.parametrize("path", ["/", "/data.json", "/results.csv"])
def test_while_the_store_is_absent_the_server_is_unavailable_and_then_answers_again(study, pages, path):
    client, store = client_of(pages), study.out / "study.sqlite"
    store.rename(study.out / "away")
    answer = client.get(path)
    assert answer.status_code == 503
    assert "is no study" in answer.text
    (study.out / "away").rename(store)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/favicon.ico", "/results.json", "/../study.sqlite"])
def test_there_is_nothing_else(pages, path):
    assert client_of(pages).get(path).status_code == 404


def test_nothing_can_be_posted(pages):
    assert client_of(pages).post("/data.json", content=json.dumps({})).status_code == 405
