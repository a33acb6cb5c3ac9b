"""The engine's compiled programs; the modules with their kernels are imported when one has to be compiled."""

from lengthwise.engine.simd.compilation import Program

train_steps = Program("lengthwise.engine.simd.step", "train_steps")
evaluate_windows = Program("lengthwise.engine.simd.step", "evaluate_windows")
pack_weights = Program("lengthwise.engine.simd.stack", "pack_weights")
run_forward = Program("lengthwise.engine.simd.stack", "run_forward")
run_backward = Program("lengthwise.engine.simd.stack", "run_backward")
