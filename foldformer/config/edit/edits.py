"""Single changes to a Jsonnet text. Each gives the new text, or None where the place is not written as a literal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from foldformer.config.edit.source import Member, Source, Span

LONGEST_LINE = 100  # characters of an object or list on one line

_WORD = re.compile(r"[A-Za-z_]\w*")
_KEYWORDS = (
    *("assert", "else", "error", "false", "for", "function", "if", "import", "importbin", "importstr", "in", "local"),
    *("null", "self", "super", "tailstrict", "then", "true"),
)
_COMMENT = re.compile(r"[ \t]*(?://|#)[^\r\n]*")
_REST_OF_LINE = re.compile(r"[ \t]*(?:(?://|#)[^\n]*)?(?:\r?\n|$)")


@dataclass(frozen=True)
class Style:
    """How new text is written.

    Args:
        quote: Around keys; empty for none.
        string_quote: Around strings.
        indent: White space before the members around it.
        step: White space of one level.
        written: Source text of what stood there before, to be written again, by key and value as JSON; the whole of it
            under an empty key.
    """

    quote: str
    string_quote: str
    indent: str
    step: str
    written: Mapping[tuple[str, str], str]

    def key(self, name: str) -> str:
        """A key as its neighbours are written."""
        if not self.quote and _WORD.fullmatch(name) and name not in _KEYWORDS:
            return name
        return _quoted(name, self.quote or self.string_quote)

    def value(self, value: Any, indent: str, key: str = "") -> str:
        """A value, on one line if it is short."""
        known = self.written.get((key, json.dumps(value))) or self.written.get(("", json.dumps(value)))
        if known is not None:
            return known.replace("\n", "\n" + indent.removeprefix(self.indent))
        if isinstance(value, str):
            return _quoted(value, self.string_quote)
        if not isinstance(value, (dict, list)) or not value:
            return json.dumps(value, ensure_ascii=False)
        inner = indent + self.step
        if isinstance(value, dict):
            parts = [f"{self.key(name)}: {self.value(each, inner, name)}" for name, each in value.items()]
            short, brackets = f"{{ {', '.join(parts)} }}", "{}"
        else:
            parts = [self.value(each, inner) for each in value]
            short, brackets = f"[{', '.join(parts)}]", "[]"
        if len(indent) + len(short) <= LONGEST_LINE and "\n" not in short:
            return short
        lines = "".join(f"{inner}{part},\n" for part in parts).removesuffix(",\n")
        return f"{brackets[0]}\n{lines}\n{indent}{brackets[1]}"


def rename(source: Source, path: Sequence[str], new: str) -> str | None:
    """Give a member another key."""
    member = _member(source, path)
    if member is None or member.key is None:
        return None
    token = source.tokens[member.key]
    return _spliced(source.text, token.start, token.end, _style_at(source, member).key(new))


def replace(source: Source, path: Sequence[str], old: Any, value: Any, new: str | None = None) -> str | None:
    """Write another value, and perhaps another key, in the place of a member or element.

    Args:
        source: The text.
        path: Where the member is.
        old: Its value; what it is made of may be written again.
        value: The value to write.
        new: The key to write.
    """
    member = _member(source, path)
    if member is None:
        return None
    written = dict(_expressions(source, member.value, old))
    if isinstance(old, (dict, list)) and old:
        written["", json.dumps(old)] = source.text_of(member.value)
    style = _style_at(source, member, written)
    start, end = source.tokens[member.value.start].start, source.tokens[member.span.end - 1].end
    if new is None:
        return _spliced(source.text, start, end, style.value(value, style.indent, path[-1]))
    start = source.tokens[member.span.start].start
    return _spliced(source.text, start, end, f"{style.key(new)}: {style.value(value, style.indent, new)}")


def remove(source: Source, path: Sequence[str]) -> str | None:
    """Take a member out, with its line if nothing else stands there."""
    member = _member(source, path)
    if member is None:
        return None
    text = source.text
    last = member.comma if member.comma is not None else member.span.end - 1
    start, end = source.tokens[member.span.start].start, source.tokens[last].end
    line = text.rfind("\n", 0, start) + 1
    rest = _REST_OF_LINE.match(text, end)
    if text[line:start].strip() == "" and rest:
        start, end = line, rest.end()
    elif member.comma is not None:
        end += len(text[end:]) - len(text[end:].lstrip(" \t"))
    before = source.tokens[member.span.start - 1]
    if member.comma is None and before.text == ",":
        between = text[before.end : start]
        return text[: before.start] + ("" if between.isspace() and "\n" not in between else between) + text[end:]
    return text[:start] + text[end:]


def add(source: Source, path: Sequence[str], key: str | None, value: Any) -> str | None:
    """Add a member to the object at a path, or an element to the list (then without a key)."""
    span = source.find(path)
    literals = source.literals(span) if span is not None else []
    if not literals:
        return None
    opening = literals[-1]
    members = source.members(opening)
    if not members:
        style = _style(source, source.tokens[opening].start, '"')
        whole = value if key is None else {key: value}
        written = style.value([whole] if key is None else whole, style.indent)
        return _spliced(source.text, source.tokens[opening].start, source.tokens[source.closing(opening)].end, written)
    last = members[-1]
    style = _style_at(source, last)
    written = style.value(value, style.indent, key or "")
    written = written if key is None else f"{style.key(key)}: {written}"
    text, end = source.text, source.tokens[last.span.end - 1].end
    trailing = "" if last.comma is None else ","
    if last.comma is not None:
        end = source.tokens[last.comma].end
    else:
        text, end = _spliced(text, end, end, ","), end + 1
    if "\n" not in text[source.tokens[opening].start : source.tokens[last.span.start].start]:
        return _spliced(text, end, end, f" {written}{trailing}")
    comment = _COMMENT.match(text, end)
    end = comment.end() if comment else end
    return _spliced(text, end, end, f"\n{style.indent}{written}{trailing}")


def _style_at(source: Source, member: Member, written: Mapping[tuple[str, str], str] = MappingProxyType({})) -> Style:
    """The style of the object that a member stands in."""
    key = source.tokens[member.key] if member.key is not None else None
    quote = key.text[0] if key is not None and key.kind == "string" else "" if key is not None else '"'
    return _style(source, source.tokens[member.span.start].start, quote, written)


def _style(source: Source, at: int, quote: str, written: Mapping[tuple[str, str], str] = MappingProxyType({})) -> Style:
    line = source.text[source.text.rfind("\n", 0, at) + 1 : at]
    indent = line[: len(line) - len(line.lstrip())]
    steps = re.findall(r"\n([ \t]+)\S", source.text)
    return Style(quote, source.quote, indent, min(steps, key=len, default="  "), written)


def _expressions(source: Source, span: Span, value: Any) -> Iterator[tuple[tuple[str, str], str]]:
    """What the members of an object are written with, by key and value, where that is no plain value."""
    for key, each in value.items() if isinstance(value, dict) else ():
        member = source.member(span, key)
        if member is not None:
            text = source.text_of(member.value)
            if not isinstance(each, (dict, list)) and "\n" not in text and text.strip("\"'") != str(each):
                yield (key, json.dumps(each)), text
            yield from _expressions(source, member.value, each)


def _member(source: Source, path: Sequence[str]) -> Member | None:
    above = source.find(path[:-1])
    return source.member(above, path[-1]) if above is not None else None


def _quoted(text: str, quote: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return f"'{text}'" if quote == "'" and written == f'"{text}"' and quote not in text else written


def _spliced(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]
