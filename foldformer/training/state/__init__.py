"""What a training remembers from step to step, and what it keeps on disk to be resumed."""
