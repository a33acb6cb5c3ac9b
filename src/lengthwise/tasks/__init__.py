"""What can be asked of a network: its loss, the metric that lengths are compared by, its scoring and its baseline."""
