"""One system a file, run as a process in an environment of its own."""
