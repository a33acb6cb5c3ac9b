"""The same networks in PyTorch."""

import numpy as np
import torch


def torch_network(problem):
    """PyTorch's own network with the problem's parameters: the recurrent layers and the head."""
    network, named = problem.network, problem.named
    kinds = {"rnn": torch.nn.RNN, "rnn_relu": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
    options = {"nonlinearity": "relu"} if network.cell == "rnn_relu" else {}
    rnn = kinds[network.cell](
        network.input_size, network.hidden_size, network.num_layers, batch_first=True,
        bidirectional=network.bidirectional, **options,
    )  # fmt: skip
    head = torch.nn.Linear(network.num_directions * network.hidden_size, network.num_outputs)
    with torch.no_grad():
        for name, parameter in rnn.named_parameters():
            if "bias_hh" not in name:
                parameter.copy_(torch.from_numpy(named["rnn." + name.replace("bias_ih", "bias")]))
                continue
            parameter.zero_()
            # Ours has one bias where PyTorch has two; a GRU needs a part of the second.
            parameter.requires_grad_(network.cell == "gru")
            if network.cell == "gru":
                parameter[2 * network.hidden_size :] = torch.from_numpy(named["rnn." + name.replace("hh", "hn")])
        head.weight.copy_(torch.from_numpy(named["head.weight"]))
        head.bias.copy_(torch.from_numpy(named["head.bias"]))
    return rnn, head


def torch_loss(rnn, head, problem, step=0):
    lengths = torch.from_numpy(problem.window_lengths(step))
    inputs = torch.from_numpy(problem.inputs(step).astype(np.float32))
    packed = torch.nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    outputs, state = rnn(packed)
    state = state[0] if problem.network.cell == "lstm" else state
    if problem.network.pooling == "last":
        top = torch.cat(list(state[-problem.network.num_directions :]), dim=1)
    else:
        outputs, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
        valid = (torch.arange(outputs.shape[1]) < lengths[:, None])[..., None]
        top = (outputs * valid).sum(1) / lengths[:, None]
        if problem.network.pooling == "max":
            top = outputs.masked_fill(~valid, -torch.inf).amax(1)
    return torch.nn.functional.cross_entropy(head(top), torch.from_numpy(problem.labels(step)))


def torch_gradient(problem, rnn, head):
    """PyTorch's gradient as a flat vector of ours."""
    named = {"head.weight": head.weight.grad, "head.bias": head.bias.grad}
    for name, parameter in rnn.named_parameters():
        if "bias_hh" not in name:
            named["rnn." + name.replace("bias_ih", "bias")] = parameter.grad
        elif problem.network.cell == "gru":
            named["rnn." + name.replace("hh", "hn")] = parameter.grad[2 * problem.network.hidden_size :]
    return problem.network.flat({name: named[name].numpy() for name in problem.named})
