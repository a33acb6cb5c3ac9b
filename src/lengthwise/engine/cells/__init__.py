"""The recurrent cells, one file each; `CELLS` is the list of them.

A further cell is a file with two tile functions, and a line here.
"""

from lengthwise.engine.cells.cell import Cell
from lengthwise.engine.cells.rnn import RNN

CELLS: dict[str, Cell] = {cell.name: cell for cell in (RNN,)}

__all__ = ["CELLS", "Cell"]
