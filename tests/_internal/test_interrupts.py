"""Ctrl-C as a request that is heard at a good moment."""

import signal
import threading

import pytest

from lengthwise._internal.interrupts import Stopped, StopRequest, interruptible


def test_nothing_is_stopped_before_somebody_asks():
    stop = StopRequest()
    stop.check()
    stop.ask()
    for _ in range(2):
        with pytest.raises(Stopped):
            stop.check()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_is_a_request_and_no_exception(number):
    with interruptible() as stop:
        stop.check()
        signal.raise_signal(number)
        with pytest.raises(Stopped):
            stop.check()


def test_a_signal_makes_the_request_that_is_given():
    stop = StopRequest()
    with interruptible(stop) as same:
        assert same is stop
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(Stopped):
        stop.check()


def test_the_second_time_it_is_an_exception_at_once():
    with interruptible():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_signals_do_afterwards_what_they_did_before():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with interruptible():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_signals_do_afterwards_what_they_did_before_even_after_an_error():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), interruptible():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_that_was_ignored_still_is():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruptible() as stop:
            signal.raise_signal(signal.SIGINT)
            stop.check()
            signal.raise_signal(signal.SIGTERM)
            with pytest.raises(Stopped):
                stop.check()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_in_another_thread_nothing_is_ever_requested():
    heard = []

    def work():
        before = signal.getsignal(signal.SIGINT)
        with interruptible() as stop:
            heard.append(signal.getsignal(signal.SIGINT) is before)
            stop.check()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert heard == [True]
