"""The first step: a Jsonnet, JSON or YAML file, with its overrides, to plain data."""

from foldformer.config.read.jsonnet import YAML_SUFFIXES, environment_variables, read_file, read_text

__all__ = ["YAML_SUFFIXES", "environment_variables", "read_file", "read_text"]
