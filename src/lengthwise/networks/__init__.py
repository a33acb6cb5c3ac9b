"""What is trained: built-in networks and PyTorch modules, which engine computes them, and what they cost."""
