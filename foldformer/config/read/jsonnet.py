"""Read a Jsonnet, JSON or YAML file into plain data."""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import nearest, one_of, show
from foldformer.config.read.depth import TOO_DEEP, is_too_deep
from foldformer.config.read.evaluation import evaluate_jsonnet
from foldformer.config.read.yaml import parse_yaml

YAML_SUFFIXES = (".yaml", ".yml")

_MISSING_VARIABLE = re.compile(r"undefined external variable: (?P<name>.+)")
_UNBOUND_PARAMETER = re.compile(r"function parameter (?P<name>\w+) not bound in call")
_STATIC_ERROR = re.compile(r"STATIC ERROR: (?P<place>.*?:[\d:()-]+): (?P<message>.*)", re.DOTALL)
_RUNTIME_ERROR = re.compile(r"RUNTIME ERROR: (?P<message>.*?)(?:\n\t(?P<trace>.*))?$", re.DOTALL)
_PLACE = re.compile(r"^(?P<file>.*?):\(?(?P<line>\d+):")


def read_file(
    path: str | os.PathLike[str],
    *,
    ext_vars: Mapping[str, Any] | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Any:
    """Read one file into plain data: dicts, lists, strings, numbers, booleans and None.

    Files that end in `.yaml` or `.yml` are YAML; all others are Jsonnet, of which JSON is a part.

    Args:
        path: The file. Its imports are looked up beside the file that imports.
        ext_vars: What `std.extVar` gives, before the environment variables. Strings stay strings; other values become
            Jsonnet values.
        arguments: What the file is called with, if it is a Jsonnet function.

    Returns:
        The data, which nothing else refers to.

    Raises:
        ConfigurationError: The file is missing or unreadable, or does not evaluate; the message names file and line.
    """
    path = Path(path)
    text = _read_text(path)
    if path.suffix.lower() in YAML_SUFFIXES:
        if arguments:
            raise ConfigurationError(f"{path}: got arguments {one_of(list(arguments), 'and')}; a YAML file takes none")
        return _not_too_deep(parse_yaml(text, str(path)), str(path))
    return read_text(text, source=str(path), ext_vars=ext_vars, arguments=arguments)


def read_text(
    text: str,
    *,
    source: str,
    ext_vars: Mapping[str, Any] | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Any:
    """Evaluate Jsonnet text.

    Args:
        text: Jsonnet, of which JSON is a part.
        source: What errors call the text; the folder of this path is where its imports are looked up.
        ext_vars: As for `read_file`.
        arguments: As for `read_file`.

    Raises:
        ConfigurationError: The text does not evaluate; the message names `source` and the line.
    """
    variables, codes = _external_variables(ext_vars or {})

    def evaluate(snippet: str, called_with: Mapping[str, Any]) -> Any:
        return json.loads(
            evaluate_jsonnet(
                source,
                snippet,
                _import_beside,
                ext_vars=variables,
                ext_codes=codes,
                tla_codes={name: json.dumps(value) for name, value in called_with.items()},
            )
        )

    return _not_too_deep(_explaining_errors(source, lambda: _evaluate(evaluate, text, arguments or {}, source)), source)


def environment_variables() -> dict[str, str]:
    """The environment variables that Jsonnet can hold: those that are valid UTF-8."""
    return {name: value for name, value in os.environ.items() if _is_utf8(name) and _is_utf8(value)}


def _evaluate(
    evaluate: Callable[[str, Mapping[str, Any]], Any], text: str, arguments: Mapping[str, Any], source: str
) -> Any:
    # Jsonnet itself drops the arguments of a file that is no function without a word.
    if arguments and not evaluate(f"std.isFunction({text}\n)", {}):
        raise ConfigurationError(
            f"{source}: got arguments {one_of(list(arguments), 'and')}; expected none, as it is no function"
        )
    return evaluate(text, arguments)


def _explaining_errors(source: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except RuntimeError as error:
        # RecursionError is one of them: json.loads of what a recursive Jsonnet function built.
        message = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ConfigurationError(_explain(message, source)) from error


def _not_too_deep(data: Any, source: str) -> Any:
    if is_too_deep(data):
        raise ConfigurationError(f"{source}: {TOO_DEEP}")
    return data


def _read_text(path: Path) -> str:
    # Jsonnet would abort the whole process on a folder, and would let bytes pass that are no UTF-8.
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: no such file{_similar_file(path)}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error


def _similar_file(path: Path) -> str:
    folder = path.parent
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    similar = nearest(path.name, names)
    return f"; did you mean {folder / similar}?" if similar else ""


def _import_beside(folder: str, name: str) -> tuple[str, str]:
    path = Path(folder) / name
    try:
        return str(path), _read_text(path)
    except ConfigurationError as error:
        raise RuntimeError(str(error)) from error


def _external_variables(ext_vars: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    variables, codes = environment_variables(), {}
    for name, value in ext_vars.items():
        if not isinstance(value, str):
            codes[name] = json.dumps(value)
        elif _is_utf8(value):
            variables[name] = value
        else:
            raise ConfigurationError(f"extension variable {name}: got {show(value)}, which is not valid UTF-8")
    return variables, codes


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _explain(message: str, source: str) -> str:
    if missing := _MISSING_VARIABLE.search(message):
        name = missing["name"]
        cure = f"set {name} in the environment or pass --ext-vars '{{\"{name}\": ...}}'"
        if name in os.environ:
            cure = f"{name} is in the environment, but is not valid UTF-8; pass it with --ext-vars"
        return f"{_first_place(message, source)}: extension variable {name} is missing; {cure}"
    if unbound := _UNBOUND_PARAMETER.search(message):
        name = unbound["name"]
        return f"{source}: is a function and got no argument {show(name)}; pass --arguments '{{\"{name}\": ...}}'"
    if static := _STATIC_ERROR.match(message):
        return f"{static['place']}: is not Jsonnet: {_one_line(static['message'])}"
    if runtime := _RUNTIME_ERROR.match(message):
        return f"{_first_place(message, source)}: {_one_line(runtime['message'])}"
    return f"{source}: {_one_line(message)}"


def _first_place(message: str, source: str) -> str:
    """The innermost line of a Jsonnet trace outside its standard library, as `file:line`."""
    for line in message.splitlines()[1:]:
        place = _PLACE.match(line.strip())
        if place and place["file"] != "std.jsonnet":
            return f"{place['file']}:{place['line']}"
    return source


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
