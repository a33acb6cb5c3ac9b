"""The libraries that lengthwise is timed against, each in its own process; see `peers.peer` for what each offers."""
