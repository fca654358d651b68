"""The command `foldformer embed`: its options and how they become a run."""
