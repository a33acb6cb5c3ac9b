"""The engine of explicit vectors in Numba: a chunk of sequences at a time goes through all layers and steps."""
