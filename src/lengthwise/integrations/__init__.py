"""Programs of others that a training or a study works with: trackers of experiments, and clusters."""
