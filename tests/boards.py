"""Event files read as TensorBoard reads them: with its own readers and its own Graphs plugin."""

import warnings

from google.protobuf import text_format
from tensorboard import context
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.plugins.base_plugin import TBContext

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "html5lib's sanitizer", DeprecationWarning)  # inside TensorBoard
    from tensorboard.plugins.graph.graphs_plugin import GraphsPlugin


class Board:
    """What TensorBoard shows of a folder."""

    def __init__(self, folder):
        self._context = context.RequestContext()
        self._events = EventMultiplexer(size_guidance={"tensors": 0}, tensor_size_guidance={"scalars": 0})
        self._events.AddRunsFromDirectory(str(folder))
        self._events.Reload()
        self._data = MultiplexerDataProvider(self._events, str(folder))
        self._folder = folder

    def tags(self):
        """Run by run, the names of its scalars."""
        listed = self._data.list_scalars(self._context, experiment_id="", plugin_name="scalars")
        return {run: set(tags) for run, tags in listed.items()}

    def scalars(self, run, tag):
        """Steps and values of one curve of the Scalars tab."""
        read = self._data.read_scalars(self._context, experiment_id="", plugin_name="scalars", downsample=10**9)
        return [datum.step for datum in read[run][tag]], [datum.value for datum in read[run][tag]]

    def times(self, run, tag):
        """The wall times of one curve."""
        read = self._data.read_scalars(self._context, experiment_id="", plugin_name="scalars", downsample=10**9)
        return [datum.wall_time for datum in read[run][tag]]

    def graphs(self):
        """Run by run, the graph that the Graphs tab draws."""
        plugin = GraphsPlugin(
            TBContext(logdir=str(self._folder), multiplexer=self._events, data_provider=self._data)
        )  # fmt: skip
        listed = plugin.info_impl(self._context, experiment="")
        graphs = {}
        for run in listed:
            body, kind = plugin.graph_impl(self._context, run, None, is_conceptual=False, experiment="")
            assert kind == "text/x-protobuf"
            graphs[run] = text_format.Parse(body, GraphDef())
        return graphs
