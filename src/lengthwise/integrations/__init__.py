"""Other programs that a training or a study works with: experiment trackers and clusters."""
