"""Which counted tokens enter a vocabulary, and in which order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean
from foldformer.text.embedding_files import read_pretrained_tokens

Counter = Mapping[str, Mapping[str, int]]
"""Namespace -> token -> how often it was seen."""


class HasVocabItems(Protocol):
    """The slice of an instance that a vocabulary needs."""

    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        """Add the instance's tokens to the counts."""


def count_instances(instances: Iterable[HasVocabItems]) -> dict[str, dict[str, int]]:
    """Count the tokens of all instances by namespace."""
    counter: dict[str, dict[str, int]] = defaultdict(partial(defaultdict, int))
    for instance in instances:
        instance.count_vocab_items(counter)
    return counter


@dataclass(frozen=True)
class Selection:
    """How counted tokens are selected; the arguments are those of `Vocabulary`."""

    min_count: Mapping[str, int] = field(default_factory=dict)
    max_vocab_size: int | Mapping[str, int] | None = None
    pretrained_files: Mapping[str, str] = field(default_factory=dict)
    only_include_pretrained_words: bool = False
    min_pretrained_embeddings: Mapping[str, int] = field(default_factory=dict)
    tokens_to_add: Mapping[str, Iterable[str]] = field(default_factory=dict)

    def check(self, counter: Counter) -> None:
        """Refuse a minimum count for a namespace that was never counted.

        Raises:
            ConfigurationError: `min_count` names such a namespace.
        """
        for namespace in self.min_count:
            if namespace not in counter:
                raise ConfigurationError(
                    f'min_count: got the namespace "{namespace}"; expected one that the instances use: '
                    f"{', '.join(sorted(counter)) or 'they use none'}{did_you_mean(namespace, counter)}"
                )

    def select(self, counter: Counter) -> Iterator[tuple[str, str]]:
        """Give namespace and token in the order in which they get their indices: most frequent first."""
        added_from_files: dict[str, list[str]] = {}
        for namespace, counts in counter.items():
            pretrained = self._pretrained_tokens(namespace)
            if pretrained is not None:
                added_from_files[namespace] = self._first(pretrained, namespace)
            for token in self._frequent(namespace, counts, None if pretrained is None else set(pretrained)):
                yield namespace, token
        for namespace in dict.fromkeys([*self.tokens_to_add, *added_from_files]):
            for token in [*self.tokens_to_add.get(namespace, ()), *added_from_files.get(namespace, ())]:
                yield namespace, token

    def _pretrained_tokens(self, namespace: str) -> list[str] | None:
        return read_pretrained_tokens(self.pretrained_files[namespace]) if namespace in self.pretrained_files else None

    def _first(self, pretrained: list[str], namespace: str) -> list[str]:
        """Return the first lines of a file of word vectors that enter even unseen; -1 means all."""
        num_lines = self.min_pretrained_embeddings.get(namespace, 0)
        return pretrained if num_lines == -1 else pretrained[: max(num_lines, 0)]

    def _frequent(self, namespace: str, counts: Mapping[str, int], pretrained: set[str] | None) -> Iterator[str]:
        ordered = sorted(counts.items(), key=lambda item: item[1], reverse=True)
        limit = self.max_vocab_size.get(namespace) if isinstance(self.max_vocab_size, Mapping) else self.max_vocab_size
        minimum = self.min_count.get(namespace, 1)
        for token, count in ordered[: limit or None]:
            is_pretrained = pretrained is not None and token in pretrained
            if pretrained is not None and self.only_include_pretrained_words:
                chosen = is_pretrained and count >= minimum
            else:
                chosen = is_pretrained or count >= minimum
            if chosen:
                yield token
