"""What stops a training that had begun."""


class TrainingError(Exception):
    """Training cannot go on; what was saved before is whole."""
