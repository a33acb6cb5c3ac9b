"""The colours of all figures, in matplotlib and on the page. This module does not import matplotlib."""

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Okabe and Ito's palette, which colour-blind people can distinguish; yellow is too pale for lines on white."""

GREY = "#999999"
"""An additional, neutral colour."""

INK = "#333333"
FAINT = "#d9d9d9"

ON_LIGHT = ("#0072b2", "#b34700", "#00785a", "#a8477f", "#8f6200", "#2b7fb0", "#1d2126")
"""The page's `COLOURS` on a light background, dark enough for text."""

ON_DARK = ("#56b4e9", "#ff9d5c", "#2fcf9f", "#e79bc5", "#f0c24b", "#9ad1f5", "#e8eaed")
"""The page's `COLOURS` on a dark background, light enough for text."""
