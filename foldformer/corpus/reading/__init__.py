"""What people do with a finished corpus: load, verify, merge, search."""
