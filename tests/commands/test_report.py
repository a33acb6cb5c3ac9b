"""lengthwise report and lengthwise serve, as people call them."""

import socket
import sys
import urllib.error
import urllib.request

import pytest

from lengthwise import Study
from lengthwise.commands.report import report
from tests.processes import error_line, lengthwise, started


def test_report_prints_the_table_and_the_sentence_and_says_what_it_wrote(finished, tmp_path):
    result = lengthwise("report", finished.out, "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    answer = finished.answers()[0]
    assert answer.sentence in result.stdout
    rows = [line.split() for line in result.stdout.splitlines()]
    assert [row[:2] for row in rows if row and row[0] in ("2", "4", "6", "8")] == [
        [s, "3"] for s in ("2", "4", "6", "8")
    ]
    assert f"written to {tmp_path / 'out'}: report.html, results.csv, results.parquet, answer.json" in result.stdout
    assert "8 figures (PNG, SVG)" in result.stdout
    assert {path.name for path in finished.out.iterdir()} & {"report.html", "figures"} == set()


def test_without_pyarrow_the_parquet_file_is_left_out_in_one_line(finished, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    report(finished.out, out=tmp_path)
    assert capsys.readouterr().out.splitlines()[-3:] == [
        f"written to {tmp_path}: report.html, results.csv, answer.json",
        "results.parquet is left out: it needs pyarrow (pip install 'lengthwise[parquet]')",
        f"written to {tmp_path / 'figures'}: 8 figures (PNG, SVG)",
    ]


def test_report_names_each_configuration(small_folder, tmp_path):
    Study(
        small_folder, seq_lens="3,8", seeds=2, budget="steps=20", hidden_size=(3, 5), num_layers=1, batch_size=16,
        out=tmp_path / "study", recipe="notebook"
    ).run()  # fmt: skip
    result = lengthwise("report", tmp_path / "study", "--figures", "--margin", "0.02")
    assert result.returncode == 0, result.stderr
    for answer in Study.load(tmp_path / "study").answers(margin=0.02):
        assert f"{answer.name}: {answer.sentence}" in result.stdout
    assert (tmp_path / "study" / "figures" / "hidden_size-3" / "accuracy_over_length.pdf").exists()


def test_report_of_a_study_without_a_finished_run(small_folder, tmp_path):
    Study(small_folder, seq_lens="3,8", out=tmp_path, recipe="notebook")
    result = lengthwise("report", tmp_path)
    assert result.returncode == 0, result.stderr
    assert "No run of the study has finished yet" in result.stdout
    assert (tmp_path / "report.html").exists()
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize("command", ["report", "serve"])
def test_a_folder_that_is_no_study_is_refused(tmp_path, command):
    assert "is no study" in error_line(lengthwise(command, tmp_path), 2)


@pytest.fixture
def serving():
    processes = []

    def serve(*arguments):
        process = started("serve", *arguments, "--port", "0")
        processes.append(process)
        line = process.stdout.readline()
        assert line.startswith("showing "), process.communicate()
        return process, int(line.split("/ (Ctrl-C")[0].rsplit(":", 1)[1])

    yield serve
    for process in processes:
        process.kill()
        process.communicate()


def test_serve_shows_the_page_to_this_machine_alone(finished, serving):
    process, port = serving(finished.out)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        assert "data-live" in answer.read().decode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Host": "elsewhere.example"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/results.csv") as answer:
        assert answer.read().decode().startswith("seq_len,cell,seed,status")
    process.terminate()
    assert process.wait(20) is not None


def test_serve_warns_where_others_can_see_the_page(finished, serving):
    process, _ = serving(finished.out, "--host", "0.0.0.0")
    process.kill()
    told = process.communicate()[1]
    assert "warning: everyone who reaches 0.0.0.0 can see this study" in told
    assert "So can pages of other sites" in told


def test_a_port_that_is_taken_is_said(finished):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = lengthwise("serve", finished.out, "--port", taken.getsockname()[1])
    assert "cannot listen at 127.0.0.1" in error_line(result, 1)
