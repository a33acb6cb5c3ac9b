"""Listeners to a training's events: the console, TensorBoard, checkpoints."""
