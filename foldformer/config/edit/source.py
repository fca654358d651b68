"""Where in a Jsonnet text a value is written: enough of the grammar to follow keys into literal objects and lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<space> \s+ | //[^\n]* | \#[^\n]* | /\*.*?\*/ )
    | (?P<string> \|\|\|-?[ \t]*\r?\n.*?\n[ \t]*\|\|\|
                | @"(?:[^"]|"")*" | @'(?:[^']|'')*'
                | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' )
    | (?P<name> [A-Za-z_]\w* )
    | (?P<number> \d[\w.]* )
    | (?P<symbol> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_CHOOSES = ("if", "for", "error", "assert", "function")
_CLOSES = {"{": "}", "[": "]", "(": ")"}


@dataclass(frozen=True)
class Token:
    """A word of the text.

    Args:
        kind: "string", "name", "number" or "symbol".
        start: Where it begins in the text.
        end: Where it ends.
        text: What it is.
    """

    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Span:
    """Tokens from one position up to another, by their numbers."""

    start: int
    end: int


@dataclass(frozen=True)
class Member:
    """A member `key: value` of an object, or an element of a list, which has no key.

    Args:
        key: Number of the key's token; None in a list.
        span: All its tokens.
        value: Tokens of the value.
        comma: Number of the comma after it; None where there is none.
    """

    key: int | None
    span: Span
    value: Span
    comma: int | None


class Source:
    """A Jsonnet text in tokens.

    Args:
        text: The text; it evaluates.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        found = ((match.lastgroup or "", match) for match in _TOKEN.finditer(text))
        self.tokens = [Token(kind, each.start(), each.end(), each.group()) for kind, each in found if kind != "space"]
        self._closing = _pairs(self.tokens)
        self._locals: dict[str, Span] = {}
        self.body = self._skip_locals(Span(0, len(self.tokens)))

    @property
    def quote(self) -> str:
        """The quote that most strings of the text are written with."""
        first = [token.text[0] for token in self.tokens if token.kind == "string"]
        return "'" if first.count("'") > first.count('"') else '"'

    def find(self, path: Sequence[str]) -> Span | None:
        """The value at a path of keys and indices; None where no literal holds it."""
        span = self.body
        for part in path:
            member = self.member(span, part)
            if member is None:
                return None
            span = member.value
        return span

    def member(self, span: Span, key: str) -> Member | None:
        """The member of an object, or the element of a list, that a value is written with; of a sum, the last."""
        for opening in reversed(self.literals(span)):
            members = self.members(opening)
            if self.tokens[opening].text == "[":
                return members[int(key)] if key.isdecimal() and int(key) < len(members) else None
            for each in reversed(members):
                if self.key(each) == key:
                    return each
        return None

    def key(self, member: Member) -> str | None:
        """The key of a member, if it is written as a word or a string."""
        if member.key is None:
            return None
        token = self.tokens[member.key]
        try:
            return str(json.loads(token.text)) if token.text.startswith('"') else token.text.strip("'")
        except ValueError:  # escapes that JSON does not have
            return None

    def literals(self, span: Span) -> list[int]:
        """The opening brackets of the objects or lists that a value is written with: several in a sum."""
        found = []
        for number in self._top_level(span):
            token = self.tokens[number]
            if token.text in ("{", "["):
                found.append(number)
            elif token.kind == "name" and span.end - span.start == 1 and token.text in self._locals:
                return self.literals(self._locals[token.text])
            elif token.text in _CHOOSES or (token.kind == "symbol" and token.text not in ("+", "(")):
                return []
        return found

    def members(self, opening: int) -> list[Member]:
        """The members between two brackets."""
        members, start = [], opening + 1
        closing = self._closing[opening]
        for number in [*self._top_level(Span(start, closing)), closing]:
            if number == closing or self.tokens[number].text == ",":
                if number > start:
                    comma = number if number != closing else None
                    members.append(self._as_member(opening, Span(start, number), comma))
                start = number + 1
        return members

    def closing(self, opening: int) -> int:
        """The bracket that closes another."""
        return self._closing[opening]

    def text_of(self, span: Span) -> str:
        """What is written there."""
        return self.text[self.tokens[span.start].start : self.tokens[span.end - 1].end]

    def _as_member(self, opening: int, span: Span, comma: int | None) -> Member:
        if self.tokens[opening].text == "[":
            return Member(None, span, span, comma)
        key, value = span.start, span.start + 1
        while value < span.end and self.tokens[value].text in ("+", ":"):
            value += 1
        is_plain = self.tokens[key].kind in ("name", "string") and value > key + 1
        return Member(key if is_plain else None, span, Span(value, span.end), comma)

    def _top_level(self, span: Span) -> Iterator[int]:
        """The tokens that are in no bracket inside a span, opening brackets included."""
        number = span.start
        while number < span.end:
            yield number
            number = self._closing.get(number, number) + 1

    def _skip_locals(self, span: Span) -> Span:
        """The expression after `local name = value;` and a function's head, with the values noted."""
        start = span.start
        while start < span.end and self.tokens[start].text in ("local", "function"):
            if self.tokens[start].text == "function":
                start = self._closing[start + 1] + 1
                continue
            end = next((each for each in self._top_level(span) if each > start and self.tokens[each].text == ";"), None)
            if end is None:
                break
            if end > start + 2 and self.tokens[start + 2].text == "=":
                self._locals[self.tokens[start + 1].text] = Span(start + 3, end)
            start = end + 1
        return Span(start, span.end)


def _pairs(tokens: Sequence[Token]) -> dict[int, int]:
    closing: dict[int, int] = {}
    opened: list[int] = []
    for number, token in enumerate(tokens):
        if token.kind == "symbol" and token.text in _CLOSES:
            opened.append(number)
        elif token.kind == "symbol" and opened and token.text == _CLOSES[tokens[opened[-1]].text]:
            closing[opened.pop()] = number
    return closing
