"""What computes a training step: explicit vectors in Numba, a chunk of sequences at a time."""
