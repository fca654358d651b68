"""Strings to integers and back."""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from typing_extensions import Self

from foldformer.config import Registrable
from foldformer.text.token_maps import TokenMaps
from foldformer.text.vocabulary.counts import Counter, HasVocabItems, Selection, count_instances
from foldformer.text.vocabulary.files import read_tokens, read_vocabulary, write_vocabulary
from foldformer.text.vocabulary.namespaces import (
    DEFAULT_NON_PADDED_NAMESPACES,
    DEFAULT_OOV_TOKEN,
    DEFAULT_PADDING_TOKEN,
    is_non_padded,
)
from foldformer.text.vocabulary.statistics import statistics

logger = logging.getLogger(__name__)


class Vocabulary(TokenMaps, Registrable):
    """Maps the tokens of each namespace (words, characters, labels, ...) to indices from 0, and back.

    A padded namespace keeps index 0 for padding and 1 for unknown tokens; a non-padded one, as for labels, has neither,
    and an unknown token is an error there.

    Registered under the names of its constructors: "from_instances" (the default), "from_files", "extend",
    "from_pretrained_transformer", "from_pretrained_transformer_and_instances" and "empty".

    Args:
        counter: Counts to select tokens from: namespace -> token -> count.
        min_count: By namespace, how often a token must occur. Default 1.
        max_vocab_size: Most tokens to take from the counts, for every namespace or by namespace.
        non_padded_namespaces: Names, or `*` and a suffix, of the namespaces without padding and unknown token.
        pretrained_files: By namespace, a file of word vectors. A counted token in it enters whatever its count.
        only_include_pretrained_words: A counted token that is not in the file stays out.
        tokens_to_add: By namespace, tokens that enter whatever the counts.
        min_pretrained_embeddings: By namespace, how many lines of the file enter unseen; -1 means all.
        padding_token: String at index 0 of padded namespaces.
        oov_token: String that stands for unknown tokens.

    Raises:
        ConfigurationError: `min_count` names a namespace that was not counted, or a file cannot be read.
    """

    default_implementation = "from_instances"

    def __init__(
        self,
        counter: dict[str, dict[str, int]] | None = None,
        min_count: dict[str, int] | None = None,
        max_vocab_size: int | dict[str, int] | None = None,
        non_padded_namespaces: Iterable[str] = DEFAULT_NON_PADDED_NAMESPACES,
        pretrained_files: dict[str, str] | None = None,
        only_include_pretrained_words: bool = False,
        tokens_to_add: dict[str, list[str]] | None = None,
        min_pretrained_embeddings: dict[str, int] | None = None,
        padding_token: str | None = DEFAULT_PADDING_TOKEN,
        oov_token: str | None = DEFAULT_OOV_TOKEN,
    ) -> None:
        super().__init__(
            non_padded_namespaces,
            DEFAULT_PADDING_TOKEN if padding_token is None else padding_token,
            DEFAULT_OOV_TOKEN if oov_token is None else oov_token,
        )
        self._retained_counter: Counter = {}
        self.extend(
            counter,
            min_count=min_count,
            max_vocab_size=max_vocab_size,
            non_padded_namespaces=non_padded_namespaces,
            pretrained_files=pretrained_files,
            only_include_pretrained_words=only_include_pretrained_words,
            tokens_to_add=tokens_to_add,
            min_pretrained_embeddings=min_pretrained_embeddings,
        )

    @classmethod
    def empty(cls) -> Self:
        """Make a vocabulary without tokens, so that nobody reads the data to count them."""
        return cls()

    @classmethod
    def from_instances(
        cls,
        instances: Iterable[HasVocabItems],
        min_count: dict[str, int] | None = None,
        max_vocab_size: int | dict[str, int] | None = None,
        non_padded_namespaces: Iterable[str] = DEFAULT_NON_PADDED_NAMESPACES,
        pretrained_files: dict[str, str] | None = None,
        only_include_pretrained_words: bool = False,
        tokens_to_add: dict[str, list[str]] | None = None,
        min_pretrained_embeddings: dict[str, int] | None = None,
        padding_token: str | None = DEFAULT_PADDING_TOKEN,
        oov_token: str | None = DEFAULT_OOV_TOKEN,
    ) -> Self:
        """Count the tokens of all instances and select from them; arguments as for the class."""
        return cls(
            count_instances(instances),
            min_count,
            max_vocab_size,
            non_padded_namespaces,
            pretrained_files,
            only_include_pretrained_words,
            tokens_to_add,
            min_pretrained_embeddings,
            padding_token,
            oov_token,
        )

    @classmethod
    def from_files(
        cls,
        directory: str | os.PathLike[str],
        padding_token: str | None = DEFAULT_PADDING_TOKEN,
        oov_token: str | None = DEFAULT_OOV_TOKEN,
    ) -> Self:
        """Load what `save_to_files` wrote.

        Args:
            directory: The folder, or an archive (`model.tar.gz`) with the files at its top or under `vocabulary/`.
            padding_token: The padding token that it was saved with.
            oov_token: The unknown token that it was saved with.

        Raises:
            ConfigurationError: There is no vocabulary, or a padded namespace lacks the unknown token.
        """
        saved = read_vocabulary(directory)
        vocab = cls(non_padded_namespaces=saved.non_padded_namespaces, padding_token=padding_token, oov_token=oov_token)
        for namespace, tokens in saved.tokens.items():
            is_padded = not is_non_padded(namespace, saved.non_padded_namespaces)
            vocab._set_tokens(namespace, tokens, is_padded, vocab._oov_token, f"{directory}: {namespace}.txt")
        return vocab

    @classmethod
    def from_files_and_instances(
        cls,
        instances: Iterable[HasVocabItems],
        directory: str | os.PathLike[str],
        padding_token: str | None = DEFAULT_PADDING_TOKEN,
        oov_token: str | None = DEFAULT_OOV_TOKEN,
        min_count: dict[str, int] | None = None,
        max_vocab_size: int | dict[str, int] | None = None,
        non_padded_namespaces: Iterable[str] = DEFAULT_NON_PADDED_NAMESPACES,
        pretrained_files: dict[str, str] | None = None,
        only_include_pretrained_words: bool = False,
        tokens_to_add: dict[str, list[str]] | None = None,
        min_pretrained_embeddings: dict[str, int] | None = None,
    ) -> Self:
        """Load a vocabulary and add the tokens of instances; what was there keeps its indices."""
        vocab = cls.from_files(directory, padding_token, oov_token)
        vocab.extend(
            count_instances(instances),
            min_count=min_count,
            max_vocab_size=max_vocab_size,
            non_padded_namespaces=non_padded_namespaces,
            pretrained_files=pretrained_files,
            only_include_pretrained_words=only_include_pretrained_words,
            tokens_to_add=tokens_to_add,
            min_pretrained_embeddings=min_pretrained_embeddings,
        )
        return vocab

    @classmethod
    def from_pretrained_transformer(
        cls, model_name: str, namespace: str = "tokens", oov_token: str | None = None
    ) -> Self:
        """Take a transformer's wordpieces, with their ids, as a namespace without padding.

        Args:
            model_name: Folder or name of the transformer.
            namespace: Where its wordpieces go.
            oov_token: The unknown token; the transformer's own unless given.
        """
        from foldformer.text.pretrained import load_tokenizer

        tokenizer = load_tokenizer(model_name)
        unknown = tokenizer.special_tokens_map.get("unk_token") if oov_token is None else oov_token
        vocab = cls(non_padded_namespaces=[namespace], oov_token=None if unknown is None else str(unknown))
        vocab.add_transformer_vocab(tokenizer, namespace)
        return vocab

    @classmethod
    def from_pretrained_transformer_and_instances(
        cls,
        instances: Iterable[HasVocabItems],
        transformers: dict[str, str],
        min_count: dict[str, int] | None = None,
        max_vocab_size: int | dict[str, int] | None = None,
        non_padded_namespaces: Iterable[str] = DEFAULT_NON_PADDED_NAMESPACES,
        pretrained_files: dict[str, str] | None = None,
        only_include_pretrained_words: bool = False,
        tokens_to_add: dict[str, list[str]] | None = None,
        min_pretrained_embeddings: dict[str, int] | None = None,
        padding_token: str | None = DEFAULT_PADDING_TOKEN,
        oov_token: str | None = DEFAULT_OOV_TOKEN,
    ) -> Self:
        """Count instances, then add the wordpieces of transformers.

        `transformers` maps a namespace to the name of the transformer whose wordpieces it gets; the other arguments are
        those of the class.
        """
        vocab = cls.from_instances(
            instances,
            min_count,
            max_vocab_size,
            non_padded_namespaces,
            pretrained_files,
            only_include_pretrained_words,
            tokens_to_add,
            min_pretrained_embeddings,
            padding_token,
            oov_token,
        )
        for namespace, model_name in transformers.items():
            vocab.extend_from_vocab(cls.from_pretrained_transformer(model_name, namespace))
        return vocab

    def extend(
        self,
        counter: Counter | None = None,
        min_count: dict[str, int] | None = None,
        max_vocab_size: int | dict[str, int] | None = None,
        non_padded_namespaces: Iterable[str] = DEFAULT_NON_PADDED_NAMESPACES,
        pretrained_files: dict[str, str] | None = None,
        only_include_pretrained_words: bool = False,
        tokens_to_add: dict[str, list[str]] | None = None,
        min_pretrained_embeddings: dict[str, int] | None = None,
    ) -> None:
        """Select tokens from counts and add them; what is there keeps its indices. Arguments as for the class.

        Raises:
            ConfigurationError: A namespace is padded here and not there, or `min_count` names one that was not counted.
        """
        selection = Selection(
            min_count=min_count or {},
            max_vocab_size=max_vocab_size,
            pretrained_files=pretrained_files or {},
            only_include_pretrained_words=only_include_pretrained_words,
            min_pretrained_embeddings=min_pretrained_embeddings or {},
            tokens_to_add=tokens_to_add or {},
        )
        counter = counter or {}
        selection.check(counter)
        patterns = set(non_padded_namespaces)
        self._check_same_padding({*counter, *selection.tokens_to_add}, patterns)
        self._retained_counter = counter
        self._non_padded_namespaces.update(patterns)
        for namespace, token in selection.select(counter):
            self.add_token_to_namespace(token, namespace)

    def extend_from_instances(self, instances: Iterable[HasVocabItems]) -> None:
        """Count the tokens of instances and add all of them."""
        self.extend(count_instances(instances))

    def extend_from_vocab(self, vocab: "Vocabulary") -> None:
        """Add all tokens of another vocabulary, and its patterns of non-padded namespaces.

        A namespace that is new here keeps the indices it has there; in others, new tokens follow in their order.
        """
        self._non_padded_namespaces.update(vocab._non_padded_namespaces)
        for namespace in sorted(vocab.get_namespaces()):
            tokens = vocab.get_index_to_token_vocabulary(namespace)
            if namespace in self.get_namespaces():
                self.add_tokens_to_namespace((tokens[index] for index in sorted(tokens)), namespace)
            else:
                self._index_to_token[namespace] = dict(tokens)
                self._token_to_index[namespace] = dict(vocab.get_token_to_index_vocabulary(namespace))

    def set_from_file(
        self,
        filename: str | os.PathLike[str],
        is_padded: bool = True,
        oov_token: str = DEFAULT_OOV_TOKEN,
        namespace: str = "tokens",
    ) -> None:
        """Replace a namespace by the lines of a file.

        Args:
            filename: One token a line, with the unknown token among them if the namespace is padded.
            is_padded: The first line gets index 1, after padding; otherwise 0.
            oov_token: How the file spells the unknown token.
            namespace: What to replace.

        Raises:
            ConfigurationError: The unknown token is missing.
        """
        tokens = read_tokens(Path(filename).read_bytes().decode("utf-8"))
        self._set_tokens(namespace, tokens, is_padded, oov_token, str(filename))

    def save_to_files(self, directory: str | os.PathLike[str]) -> None:
        """Write one file a namespace, in the format of AllenNLP 2; see `vocabulary_files`."""
        write_vocabulary(directory, self._non_padded_namespaces, self._index_to_token, self._padding_token)

    def print_statistics(self) -> None:
        """Print the most frequent, longest and shortest tokens that were counted, by namespace."""
        print(statistics(self._retained_counter) or "no instances were counted for this vocabulary")


for _name, _constructor in (
    ("from_pretrained_transformer", "from_pretrained_transformer"),
    ("from_pretrained_transformer_and_instances", "from_pretrained_transformer_and_instances"),
    ("from_instances", "from_instances"),
    ("from_files", "from_files"),
    ("extend", "from_files_and_instances"),
    ("empty", "empty"),
):
    Vocabulary.register(_name, constructor=_constructor)(Vocabulary)
