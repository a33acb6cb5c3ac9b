"""Code that every package may use and that knows nothing of networks: arguments, files, interrupts, threads, extras."""
