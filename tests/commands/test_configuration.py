"""Defaults from pyproject.toml or a file: what counts, and what is refused."""

import inspect
from importlib import import_module

import pytest

from lengthwise import cli
from lengthwise.commands.configuration import OPTIONS, find_configuration
from lengthwise.errors import UsageError
from tests.mutations import mutations

TABLE = """
[tool.lengthwise]
cell = "gru"
hidden-size = 12
quiet = true

[tool.lengthwise.train]
hidden_size = 7
lr = 0.5
threads = 1
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, in which the program runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def trained(monkeypatch):
    """What the command train asks to be trained or to go on."""
    module = import_module("lengthwise.commands.train")
    asked = []
    monkeypatch.setattr(module, "train_run", lambda **given: asked.append(given))
    monkeypatch.setattr(module, "resume_run", lambda _run, **given: asked.append(given))
    return asked


@pytest.mark.parametrize("command", OPTIONS)
def test_the_options_that_are_written_out_are_those_that_the_command_has(command):
    module = import_module(f"lengthwise.commands.{command}")
    parameters = inspect.signature(module.info if command == "data" else getattr(module, command)).parameters
    named = {name for name, parameter in parameters.items() if parameter.kind is inspect.Parameter.KEYWORD_ONLY}
    assert set(OPTIONS[command]) == named | ({"data"} & set(parameters) if command in ("study", "train") else set())


def test_the_commands_own_table_counts_before_the_table_for_all(folder, trained):
    (folder / "pyproject.toml").write_text(TABLE)
    assert cli.main(["train", "--lr", "0.25"]) == 0
    out = trained[0].pop("out")
    assert out.parts[0] == "runs"
    assert trained[0].pop("data").name == "mnist"
    assert trained == [{"cell": "gru", "hidden_size": 7, "lr": 0.25, "threads": 1, "quiet": True}]


def test_the_nearest_pyproject_above_counts(folder, trained, monkeypatch):
    (folder / "pyproject.toml").write_text(TABLE)
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    assert cli.main(["train"]) == 0
    assert trained[0]["hidden_size"] == 7
    (folder / "below" / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert cli.main(["train"]) == 0
    assert "hidden_size" not in trained[1]


@pytest.mark.parametrize(
    ("name", "text"),
    [("mine.toml", "hidden_size = 9\n[study]\nseeds = 2\n"), ("mine.yaml", "hidden_size: 9\nstudy:\n  seeds: 2\n")],
)
@pytest.mark.parametrize("form", ["--config {}", "--config={}"])
def test_a_file_given_with_config_counts_in_place_of_pyproject(folder, trained, name, text, form):
    (folder / "pyproject.toml").write_text(TABLE)
    (folder / name).write_text(text)
    assert cli.main(["train", *form.format(name).split(), "--cell", "lstm"]) == 0
    assert trained[0]["hidden_size"] == 9
    assert trained[0]["cell"] == "lstm"
    assert "lr" not in trained[0]


def test_a_run_that_exists_keeps_what_it_has(folder, trained):
    (folder / "pyproject.toml").write_text("[tool.lengthwise]\ncell = 'gru'\ndata = 'other'\nquiet = true\n")
    assert cli.main(["train", "--resume", "run"]) == 0
    assert trained == [{"threads": None, "quiet": True}]
    assert set(find_configuration().of("evaluate", made_already=True)) == {"quiet"}


def test_several_values_are_a_list(folder, monkeypatch):
    module = import_module("lengthwise.commands.study")
    (folder / "pyproject.toml").write_text(
        "[tool.lengthwise.study]\ncell = ['rnn', 'gru']\nseq_lens = [4, 8]\nhidden_size = [3, 5]\nlr = 0.1\n"
    )
    asked = []

    def opened(given, *_folders, **_how):
        asked.append(given)
        raise UsageError("enough")

    monkeypatch.setattr(module, "_opened", opened)
    assert cli.main(["study"]) == 2
    assert asked == [{"cell": ("rnn", "gru"), "seq_lens": "4,8", "hidden_size": (3, 5), "lr": (0.1,)}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hiden_size = 3", "there is no option 'hiden_size': did you mean 'hidden_size'?"),
        ("[trian]\nlr = 1", "there is no command 'trian': did you mean 'train'?"),
        ("[train]\nseeds = 1", "[train]: there is no option of train 'seeds': did you mean 'seed'?"),
        ("out = 'x'", "'out' is no default for all commands: write it in a command's own table."),
        ("lr = []", "lr is [], but must be a text, a number, true, false, or a list of them."),
        ("lr = ", "mine.toml is no TOML: Invalid value"),
        ("hidden_size = 'many'", 'Invalid value for hidden_size from mine.toml: unable to convert "many" into int.'),
    ],
)
def test_what_no_command_understands_is_refused_with_the_nearest_that_one_does(folder, trained, capsys, text, message):
    (folder / "mine.toml").write_text(text)
    assert cli.main(["train", "--config", "mine.toml"]) == 2
    assert message in capsys.readouterr().err
    assert trained == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--config"], "--config needs the name of a file."),
        (["--config", "none.toml"], "config is none.toml, which cannot be read: No such file or directory."),
        (["--config", "mine.ini"], "config is mine.ini, but a configuration's name ends in .toml, .yaml or .yml."),
    ],
)
@pytest.mark.usefixtures("folder", "trained")
def test_a_file_that_cannot_be_read_is_refused(capsys, words, message):
    assert cli.main(["train", *words]) == 2
    assert capsys.readouterr().err == f"lengthwise: {message}\n"


def test_config_show_says_where_each_value_comes_from(folder, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    (folder / "pyproject.toml").write_text(TABLE)
    assert cli.main(["config", "show", "train"]) == 0
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert rows["configuration:"] == ["pyproject.toml"]
    assert rows["hidden_size"] == ["7", "pyproject.toml", "[tool.lengthwise.train]"]
    assert rows["cell"] == ["gru", "pyproject.toml", "[tool.lengthwise]"]
    assert rows["batch_size"] == ["128", "default"]
    assert rows["threads"] == ["1", "pyproject.toml", "[tool.lengthwise.train]"]
    assert rows["data"] == ["mnist", "default"]


@pytest.mark.usefixtures("folder")
def test_config_show_has_every_command_and_says_if_there_is_no_configuration(capsys):
    assert cli.main(["config", "show"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("configuration: none")
    assert [line.split()[1] for line in text.splitlines() if line.startswith("lengthwise ")] == list(OPTIONS)
    assert cli.main(["config", "show", "fly"]) == 2


def test_completion_installs_with_one_command(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    assert cli.main(["--install-completion", "--shell", "bash"]) == 0
    script = folder / ".local/share/bash-completion/completions/lengthwise"
    assert "--hidden-size" in script.read_text()
    assert str(script) in (folder / ".bashrc").read_text()


@pytest.mark.parametrize("name", ["a.toml", "a.yaml", "pyproject.toml"])
@pytest.mark.parametrize(
    "content",
    [
        b"tool = 3", b"[tool]\nlengthwise = 3", b"a = " + b"[" * 5000, b"[" * 5000, b"a: 2024-13-45", b"null: {a: 1}",
        b"1: {a: 1}", b"a: &x [*x]", b"{a: 1}: 3", b"\xff\xfe", b"\0",
    ],
)  # fmt: skip
def test_a_configuration_that_says_nothing_is_refused_with_a_sentence(tmp_path, monkeypatch, name, content):
    (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=name):
        find_configuration(None if name == "pyproject.toml" else tmp_path / name)


@pytest.mark.parametrize("name", ["a.toml", "a.yaml"])
def test_a_damaged_configuration_is_read_or_refused(tmp_path, name):
    path = tmp_path / name
    text = {".toml": 'data = "x.csv"\nlr = 1e-3\n[study]\nseeds = 5\ncell = ["rnn", "gru"]\n',
            ".yaml": "data: x.csv\nlr: 1e-3\nstudy:\n  seeds: 5\n  cell: [rnn, gru]\n"}[path.suffix]  # fmt: skip
    for content in mutations(text.encode(), 300):
        path.write_bytes(content)
        try:
            find_configuration(path)
        except UsageError as error:
            sentence = str(error)
        else:
            continue
        assert name in sentence
