"""The first step: a Jsonnet, JSON or YAML file, with its overrides, to plain data."""

from foldformer.config.read.jsonnet import environment_variables, read_file, read_text

__all__ = ["environment_variables", "read_file", "read_text"]
