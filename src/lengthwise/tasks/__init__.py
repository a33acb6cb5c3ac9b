"""What a network predicts: each task's loss, metric, scorer and baseline."""
