"""Programs that measure the package: its speed, its memory, and how often its answers are wrong."""
