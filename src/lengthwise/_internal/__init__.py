"""What every room may use, and nothing of the subject: arguments, files, interrupts, threads, extras."""
