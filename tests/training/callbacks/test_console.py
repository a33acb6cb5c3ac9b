"""The console output: the notebook's lines, where the notebook has them."""

import io
import re

import numpy as np
import pytest
from rich.console import Console

import lengthwise
from lengthwise.engine.protocol import State
from lengthwise.networks.network import Network
from lengthwise.tasks.metrics import ACCURACY, MSE
from lengthwise.training.callbacks.console import ConsoleLog, line, result_lines
from lengthwise.training.evaluation import Evaluation
from lengthwise.training.events import Compiling, Evaluating, Finished, Interrupted, Started, Stepped
from lengthwise.training.progress import History, Progress, Schedule, Summary
from lengthwise.training.settings import Settings

NOTEBOOK = Schedule(train_steps=4296, test_steps=781, updates=2 * 4296)
NUMBER = r"[0-9]\.[0-9]{6}"
LINE = re.compile(
    rf"\[(trn|tst)\] ep ([0-9]+)  step +([0-9]+)  (?:loss ({NUMBER})| {{13}})"
    rf"  accu min ({NUMBER}) mean ({NUMBER})  sec/iter ({NUMBER})"
)


def made(schedule):
    """Make up the history of a whole training: each step's figures tell which step it was."""
    steps = np.arange(1, schedule.total + 1)
    losses = steps / 10_000
    losses[[schedule.position(step - 1).phase == "test" for step in steps]] = np.nan
    history = History(losses, 1 - steps / 20_000, steps / 1e6)
    return Progress(schedule, State(None, None, None), history)


def told(schedule, calls=997, first=0, console=None, quiet_start=True):
    """Tell a console of all steps, `calls` at a time, and return what it printed."""
    output = io.StringIO()
    log = ConsoleLog(console or Console(file=output, width=200, highlight=False, markup=False, soft_wrap=True))
    progress = made(schedule)
    progress.global_step = first
    if not quiet_start:
        log(Started(Settings(), Network(28, 10), progress))
    while not progress.finished:
        begin = progress.global_step
        epoch, phase, _ = schedule.position(begin)
        progress.global_step = begin + min(calls, schedule.left_in_phase(begin))
        log(Stepped(epoch, phase, begin, progress.global_step, progress))
    log.close()
    return output.getvalue()


def lines_of(text):
    matches = [LINE.fullmatch(row) for row in text.splitlines()]
    assert all(matches), text
    return [match.groups() for match in matches]


def test_there_is_a_line_every_500_global_steps_in_the_phase_of_that_step():
    rows = lines_of(told(NOTEBOOK))
    assert [(row[0], int(row[1]), int(row[2])) for row in rows] == (
        [("trn", 1, step) for step in range(500, 4001, 500)]
        + [("tst", 1, 4500), ("tst", 1, 5000)]
        + [("trn", 2, step) for step in range(5500, 9001, 500)]
        + [("tst", 2, 9500), ("tst", 2, 10_000)]
    )


@pytest.mark.parametrize(
    ("step", "since"),
    [(500, 0), (4000, 3500), (4500, 4296), (5000, 4500), (5500, 5077), (6000, 5500), (9500, 9373), (10_000, 9500)],
)
def test_a_line_is_of_the_steps_since_the_last_one_and_lists_start_anew_with_a_phase(step, since):
    row = next(row for row in lines_of(told(NOTEBOOK)) if int(row[2]) == step)
    steps = np.arange(since + 1, step + 1)
    if row[0] == "trn":
        assert row[3] == f"{(steps / 10_000).mean():.6f}"
    else:
        assert row[3] is None
    assert row[4] == f"{1 - step / 20_000:.6f}"
    assert row[5] == f"{(1 - steps / 20_000).mean():.6f}"
    assert row[6] == f"{(steps / 1e6).mean():.6f}"


def test_window_28_prints_no_training_line():
    schedule = Schedule(train_steps=429, test_steps=78, updates=2 * 429)
    assert [(row[0], int(row[2])) for row in lines_of(told(schedule))] == [("tst", 500), ("tst", 1000)]


@pytest.mark.parametrize("calls", [1, 499, 500, 501, 4000, 10_000])
def test_lines_do_not_depend_on_how_many_steps_an_event_has(calls):
    assert told(NOTEBOOK, calls) == told(NOTEBOOK)


def test_a_training_that_goes_on_prints_the_lines_that_are_left_as_they_would_have_been():
    assert told(NOTEBOOK, first=4600) == "".join(row + "\n" for row in told(NOTEBOOK).splitlines()[9:])


def test_a_line_has_the_minimum_and_the_mean():
    assert line("train", 1, 9000, Summary(0.2, 0.75, 1.0, 0.875, 0.000123)) == (
        "[trn] ep 2  step   9000  loss 0.200000  accu min 0.750000 mean 0.875000  sec/iter 0.000123"
    )


def test_the_shapes_are_printed_as_in_the_notebook():
    text = told(NOTEBOOK, quiet_start=False)
    for words in (
        "(128, 19, 28)", "(128, 19, 31)", "(128, 31)  (128, 31)  (128, 31)", "(128, 10)", "weight_ih_l0     (31, 28)",
        "6,086", "8,592 training", "4,296 training + 781 test",
    ):  # fmt: skip
        assert words in text
    assert "going on" not in text


def test_a_training_that_goes_on_says_from_where():
    assert "resuming after step 4600 of 10154" in told(NOTEBOOK, first=4600, quiet_start=False)


def printed(event, *, terminal=False):
    output = io.StringIO()
    log = ConsoleLog(Console(file=output, width=200, force_terminal=terminal, soft_wrap=True))
    log(event)
    log.close()
    return output.getvalue()


def test_a_progress_bar_is_drawn_on_a_terminal():
    output = io.StringIO()
    told(NOTEBOOK, console=Console(file=output, width=120, force_terminal=True), quiet_start=False)
    assert "━" in output.getvalue()
    assert "10154" in output.getvalue()
    assert "steps/s" in output.getvalue()


def test_no_progress_bar_is_drawn_elsewhere():
    text = told(NOTEBOOK, quiet_start=False)
    assert "━" not in text
    assert "\x1b" not in text


def test_a_compilation_says_what_is_happening_and_that_it_happens_once():
    assert "compiling the engine for this processor" in printed(Compiling())
    assert "once" in printed(Compiling())


def test_an_interruption_says_where_it_was():
    progress = made(NOTEBOOK)
    progress.global_step = 77
    assert printed(Interrupted(progress)) == "interrupted after 77 of 10154 steps\n"


def test_nothing_is_printed_as_evaluation_begins():
    assert printed(Evaluating(made(NOTEBOOK))) == ""


EVALUATION = Evaluation(17, 120, ACCURACY, 0.95678, tuple(number / 100 for number in range(12)), 0.12345)


def test_the_result_says_what_was_evaluated_overall_and_by_start():
    assert result_lines(EVALUATION, "validation") == [
        "exact evaluation, every window of every validation sequence: 120 windows of 17 steps",
        "validation accuracy 0.9568   loss 0.1235",
        "by window start:",
        "    0 … 9   0.000 0.010 0.020 0.030 0.040 0.050 0.060 0.070 0.080 0.090",
        "   10 … 11  0.100 0.110",
    ]


def test_an_error_is_called_what_it_is_and_other_figures_stand_beside_it():
    lines = result_lines(Evaluation(28, 10, MSE, 0.25, (0.5, 0.0), 1.0, {"r2": 0.75}))
    assert lines[1] == "test mean squared error 0.2500   loss 1.0000   r2 0.7500"
    assert lines[2] == "mean squared error by window start:"


def test_a_single_start_is_not_listed():
    assert len(result_lines(Evaluation(28, 10, ACCURACY, 0.5, (0.5,), 1.0))) == 2


def test_the_end_prints_the_result():
    text = printed(Finished(made(NOTEBOOK), EVALUATION))
    assert text.splitlines() == result_lines(EVALUATION)


def test_validations_and_the_choice_are_said(small):
    output = io.StringIO()
    log = ConsoleLog(Console(file=output, width=200, highlight=False, markup=False, soft_wrap=True))
    result = lengthwise.train(
        small, seq_len=5, hidden_size=7, num_layers=2, batch_size=16, epochs=9, lr=0.02, validate_every=40, patience=2,
        quiet=True, callbacks=[log],
    )  # fmt: skip
    lines = [line for line in output.getvalue().splitlines() if line.startswith("[val]")]
    so_far = [-1.0]
    for row, validation in zip(lines, result.validations, strict=True):
        step = validation.update + 25 * (validation.update // 55)
        best = "  best" if validation.score > max(so_far) else ""
        scores = f"loss {validation.loss:8.6f}  accuracy {validation.score:.6f}{best}"
        assert row == f"[val] ep {(validation.update - 1) // 55 + 1}  step {step:6}  {scores}"
        so_far.append(validation.score)
    assert (
        f"stopped after {result.train_steps} training steps, as the last 2 validations were no better; kept: the "
        f"parameters after {result.best_step}\n"
    ) in output.getvalue()
