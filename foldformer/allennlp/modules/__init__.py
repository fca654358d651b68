"""Modules that AllenNLP had of its own and transformers has too."""
