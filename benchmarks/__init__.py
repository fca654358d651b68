"""Measure this project beside its peers on the same documents: `make bench`."""
