"""Callbacks of every training: the console, TensorBoard, checkpoints."""
