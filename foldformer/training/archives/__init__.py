"""Trained models as one file: `model.tar.gz`."""
