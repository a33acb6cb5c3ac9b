"""The recurrent cells, one file each; `CELLS` is the list of them.

A new cell is a file with its functions, and a line here.
"""

from lengthwise.engine.simd.cells.cell import Cell
from lengthwise.engine.simd.cells.gru import GRU
from lengthwise.engine.simd.cells.gru_reset_before import GRU_RESET_BEFORE
from lengthwise.engine.simd.cells.lstm import LSTM
from lengthwise.engine.simd.cells.rnn import RNN
from lengthwise.engine.simd.cells.rnn_relu import RNN_RELU

CELLS: dict[str, Cell] = {cell.name: cell for cell in (RNN, RNN_RELU, GRU, GRU_RESET_BEFORE, LSTM)}

__all__ = ["CELLS", "Cell"]
