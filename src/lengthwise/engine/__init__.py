"""What computes a training step: `protocol` is what any engine is, `simd` is ours, `torch` is PyTorch's."""
