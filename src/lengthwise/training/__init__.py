"""One training: its settings, its loop, its evaluation, its events and its folder."""
