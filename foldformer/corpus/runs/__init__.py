"""Runs that survive crashes: the plan of parts, the workers that make them, and resuming."""
