"""YAML to plain data, as YAML 1.2 and JSON mean it."""

import re
from typing import Any

import yaml

from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import show

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = ("str", "int", "float", "bool", "null", "seq", "map", "merge")
_SHOWN = 40


class _PlainLoader(yaml.SafeLoader):
    """A safe loader that reads numbers and booleans as JSON does.

    PyYAML speaks YAML 1.1: `1e-5` is a string there, `no` is False, `12:30` is 750 and `2020-01-01` is a date, all of
    which surprise in an experiment file. A key that is given twice is an error rather than overwritten.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Build a value, if it is one that JSON has too, whatever tag says what it is."""
        if node.tag.removeprefix(_TAG) not in _PLAIN_TAGS:
            raise yaml.constructor.ConstructorError(
                None, None, f"got the tag {show(node.tag)}; expected values without tags", node.start_mark
            )
        try:
            return super().construct_object(node, deep)
        except (ValueError, KeyError) as error:  # a number of thousands of digits, or a tag that is wrong
            value = show(str(node.value)[:_SHOWN])
            raise yaml.constructor.ConstructorError(
                None, None, f"got {value}, which is no {node.tag.removeprefix(_TAG)} that can be read", node.start_mark
            ) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build a dict whose keys are strings, each given once."""
        self.flatten_mapping(node)
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"got the key {show(key)}; expected a string: put it in quotes", key_node.start_mark
                )
            if key in mapping:
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {show(key)}", key_node.start_mark)
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping

    def construct_decimal(self, node: yaml.ScalarNode) -> int:
        """Build an integer; a leading zero does not make it octal."""
        return int(node.value)


_PlainLoader.add_constructor("tag:yaml.org,2002:int", _PlainLoader.construct_decimal)
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])


_MOST_VALUES = 1_000_000


def parse_yaml(text: str, source: str) -> Any:
    """Read YAML text.

    Args:
        text: One YAML document.
        source: What errors call it.

    Raises:
        ConfigurationError: The text is not YAML; the message names `source` and the line.
    """
    try:
        data = yaml.load(text, Loader=_PlainLoader)
        size = _unfolded_size(data, {})
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{source}:{mark.line + 1}" if mark else source
        raise ConfigurationError(f"{place}: is not YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(f"{source}: is not YAML: {' '.join(str(error).split())}") from error
    if size > _MOST_VALUES:
        raise ConfigurationError(
            f"{source}: its aliases stand for {size:.3g} values; expected at most {_MOST_VALUES:,}: write them out"
        )
    return data


def _unfolded_size(data: Any, known: dict[int, int]) -> int:
    """How many values there are once each alias is written out; each list and block is counted once."""
    if not isinstance(data, (dict, list)):
        return 1
    if id(data) not in known:
        known[id(data)] = 0  # something that holds itself is found elsewhere
        parts = data.values() if isinstance(data, dict) else data
        known[id(data)] = 1 + sum(_unfolded_size(part, known) for part in parts)
    return known[id(data)]
