"""Contextual vectors for text of any length, from any pretrained transformer."""

__version__ = "0.1.0"
