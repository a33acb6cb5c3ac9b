"""The settings of PyTorch that runs share are restored when they end."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from lengthwise.engine.torch.process import STREAMS, own_generators, own_stream, recurrent_products, threads_of


def precision():
    cudnn = torch.backends.cudnn
    rnn = getattr(cudnn, "rnn", None)
    return rnn.fp32_precision if hasattr(rnn, "fp32_precision") else cudnn.allow_tf32


def test_products_have_their_precision_in_one_thread_at_a_time():
    before = precision()
    inside, leave, seen = threading.Event(), threading.Event(), []

    def first():
        with recurrent_products(tf32=True):
            seen.append(precision())
            inside.set()
            leave.wait()
            seen.append(precision())

    def second():
        with recurrent_products(tf32=False):
            seen.append(precision())

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    inside.wait()
    threads[1].start()
    threads[1].join(0.2)
    assert len(seen) == 1
    leave.set()
    for thread in threads:
        thread.join()
    assert [value in {"tf32", True} for value in seen] == [True, True, False]
    assert precision() == before


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_no_two_threads_compute_in_one_stream():
    device = torch.device("cuda")
    default = torch.cuda.current_stream().cuda_stream
    with own_stream(device):
        ours = torch.cuda.current_stream().cuda_stream
        with own_stream(device):
            assert torch.cuda.current_stream().cuda_stream == ours
        assert torch.cuda.current_stream().cuda_stream == ours

        def other(_turn):
            with own_stream(device):
                return torch.cuda.current_stream().cuda_stream

        with ThreadPoolExecutor(1) as pool:
            others = set(pool.map(other, range(2 * STREAMS)))
    assert torch.cuda.current_stream().cuda_stream == default
    assert not {ours, default} & others


def fail_with(threads):
    with threads_of(threads):
        raise KeyError(torch.get_num_threads())


def test_threads_are_given_back_after_an_error_too():
    before = torch.get_num_threads()
    with pytest.raises(KeyError, match=str(before + 1)):
        fail_with(before + 1)
    assert torch.get_num_threads() == before


def test_generators_are_seeded_and_given_back():
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    drawn = [torch.rand(1)]
    with own_generators(5):
        inside = torch.rand(1)
    drawn.append(torch.rand(1))
    assert torch.equal(torch.cat(drawn), expected)
    torch.manual_seed(5)
    assert torch.equal(inside, torch.rand(1))
