"""The engine torch: PyTorch computes, on any of its devices."""
