"""The network as a TensorFlow graph, which TensorBoard's Graphs tab draws.

The operations have TensorFlow's names and order of inputs; TensorFlow itself is not needed. A recurrent layer is drawn
once, with an edge back to itself for the previous step.
"""

from tensorboard.compat.proto.attr_value_pb2 import AttrValue
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.node_def_pb2 import NodeDef
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_FLOAT

from lengthwise.networks.network import Network
from lengthwise.tasks.tasks import TASKS


def _node(name: str, operation: str, inputs: list[str], shape: tuple[int, ...]) -> NodeDef:
    dimensions = [TensorShapeProto.Dim(size=size) for size in shape]
    shapes = AttrValue(list=AttrValue.ListValue(shape=[TensorShapeProto(dim=dimensions)]))
    return NodeDef(
        name=name, op=operation, input=inputs, attr={"_output_shapes": shapes, "dtype": AttrValue(type=DT_FLOAT)}
    )


def _rnn_layer(scope: str, x: str, parameters: list[str], batch_size: int, hidden_size: int) -> list[NodeDef]:
    weight_ih, weight_hh, bias = parameters[:3]  # a GRU has one more bias
    shape = (batch_size, hidden_size)
    return [
        _node(f"{scope}/h_before", "NextIteration", [f"{scope}/h"], shape),
        _node(f"{scope}/MatMul_x", "MatMul", [x, weight_ih], shape),
        _node(f"{scope}/MatMul_h", "MatMul", [f"{scope}/h_before", weight_hh], shape),
        _node(f"{scope}/Add", "AddV2", [f"{scope}/MatMul_x", f"{scope}/MatMul_h"], shape),
        _node(f"{scope}/BiasAdd", "BiasAdd", [f"{scope}/Add", bias], shape),
        _node(f"{scope}/h", "Tanh", [f"{scope}/BiasAdd"], shape),
    ]


def _loss(network: Network, outputs: str, batch_size: int) -> list[NodeDef]:
    """Return the nodes of the loss: cross-entropy (and accuracy), or the mean squared error."""
    shape = (batch_size,)
    if network.numeric:
        return [
            _node("loss/squared_error", "SquaredDifference", [outputs, "targets"], (batch_size, network.num_outputs)),
            _node("loss/mean", "Mean", ["loss/squared_error"], ()),
        ]
    return [
        _node("loss/cross_entropy", "SparseSoftmaxCrossEntropyWithLogits", [outputs, "targets"], shape),
        _node("loss/mean", "Mean", ["loss/cross_entropy"], ()),
        _node("accuracy/prediction", "ArgMax", [outputs], shape),
        _node("accuracy/correct", "Equal", ["accuracy/prediction", "targets"], shape),
        _node("accuracy/mean", "Mean", ["accuracy/correct"], ()),
    ]


def graph_def(network: Network, seq_len: int, batch_size: int) -> GraphDef:
    """Return the graph of a network's training step.

    Parameters
    ----------
    network : Network
    seq_len : int
        Steps of the window.
    batch_size : int
        Windows in a step.
    """
    classes, outputs = network.num_outputs, TASKS[network.task].outputs
    nodes = [
        _node("window", "Placeholder", [], (batch_size, seq_len, network.input_size)),
        _node("targets", "Placeholder", [], (batch_size,)),
        _node("x_t", "Unpack", ["window"], (batch_size, network.input_size)),
    ]
    named: dict[str, list[str]] = {}
    for name, shape in network.parameter_shapes.items():
        scope = f"rnn/layer_{name.rsplit('_l', 1)[1]}" if name.startswith("rnn.") else "head"
        short = name.split(".")[1].rsplit("_l", 1)[0]
        nodes.append(_node(f"{scope}/{short}", "VariableV2", [], shape))
        named.setdefault(scope, []).append(f"{scope}/{short}")
    x = "x_t"
    for layer in range(network.num_layers):
        scope = f"rnn/layer_{layer}"
        nodes += _rnn_layer(scope, x, named[scope], batch_size, network.hidden_size)
        x = f"{scope}/h"
    weight, bias = named["head"]
    nodes += [
        _node("last_step", "StridedSlice", [x], (batch_size, network.hidden_size)),
        _node("head/MatMul", "MatMul", ["last_step", weight], (batch_size, classes)),
        _node(f"head/{outputs}", "BiasAdd", ["head/MatMul", bias], (batch_size, classes)),
        *_loss(network, f"head/{outputs}", batch_size),
        _node("Adam", "NoOp", ["^loss/mean"], ()),
    ]
    return GraphDef(node=nodes)
