"""The engine that PyTorch computes, on any of its devices."""
