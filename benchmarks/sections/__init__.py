"""What is measured, one part a file; each has `measure(settings)` and returns plain data."""
