"""What the edge of a window costs, and which overlap, rule and cut mend it: `python -m benchmarks.windows`."""
