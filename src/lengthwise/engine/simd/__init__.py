"""The SIMD engine: explicit vectors in Numba, a chunk of sequences at a time through all layers and steps."""
