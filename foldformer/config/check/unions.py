"""Unions: the value's shape or its `type` says which option is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from overrides import overrides

from foldformer.config.check.components import Component, Later
from foldformer.config.check.context import Context
from foldformer.config.check.node import Node
from foldformer.config.check.place import Place
from foldformer.config.check.steps import Step
from foldformer.config.check.values import Boolean, Integer, Null
from foldformer.config.nearest import did_you_mean, join, one_of
from foldformer.config.registrable import registered_so_far


@dataclass(frozen=True)
class Either(Node):
    """A union. Which option is meant shows in the value's shape, in `type`, or in what fits first.

    Args:
        options: At least two, none of them an `Either`.
    """

    options: tuple[Node, ...]

    @overrides
    def expected(self) -> str:
        ordered = sorted(self.options, key=lambda option: isinstance(option, Null))
        return join([option.expected() for option in ordered])

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        meant = self._meant(value)
        if len(meant) < 2:
            return meant[0].check(value, place, context) if meant else _refuse(self, value, place, context)
        # Several options have the value's shape: the first without problems, else the one with the fewest.
        tried: list[tuple[Context, Step]] = []
        for option in meant:
            key = (id(option), id(value), str(place))
            if key not in context.tried:
                trial = context.apart()
                context.tried[key] = (trial, option.check(value, place, trial))
            tried.append(context.tried[key])
            if not tried[-1][0].problems:
                break
        best, step = min(tried, key=lambda each: len(each[0].problems))
        context.adopt(best)
        return step

    def _meant(self, value: Any) -> list[Node]:
        """The options that a value may be meant for; none where its shape does not say."""
        meant = [option for option in self.options if option.fits(value)]
        if type(value) is int and Boolean() in meant:  # a number, where the union has one
            meant = [option for option in meant if not isinstance(option, Boolean)] or meant
        if type(value) is int:
            meant = [option for option in meant if isinstance(option, Integer)] or meant
        if meant:
            return meant
        alike = [option for option in self.options if option.resembles(value)]
        return alike if len(alike) == 1 else []

    @overrides
    def fits(self, value: Any) -> bool:
        return any(option.fits(value) for option in self.options)

    @overrides
    def resembles(self, value: Any) -> bool:
        return any(option.resembles(value) for option in self.options)


def either(options: Iterable[Node]) -> Node:
    """A union of nodes: flat, without repetitions; the node itself where only one is left."""
    flat: list[Node] = []
    for option in options:
        for single in option.options if isinstance(option, Either) else (option,):
            if single not in flat:
                flat.append(single)
    return flat[0] if len(flat) == 1 else Either(tuple(flat))


def _refuse(node: Either, value: Any, place: Place, context: Context) -> Step:
    if isinstance(value, Mapping) and isinstance(value.get("type"), str):
        return _refuse_name(node, value, place, context)
    names = [name for option in node.options for name in option.spellings()]
    return context.refuse(place, value, node.expected() + did_you_mean(value, names))


def _refuse_name(node: Either, value: Any, place: Place, context: Context) -> Step:
    """No component of a union has the name that a block asks for."""
    inner = [option.node if isinstance(option, Later) else option for option in node.options]
    names = [name for option in inner if isinstance(option, Component) for name in registered_so_far(option.cls)]
    expected = one_of(names) if names else node.expected()
    return context.refuse(place / "type", value["type"], expected + did_you_mean(value["type"], names))
