"""Verbs and their arguments from OntoNotes 5.0."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from overrides import overrides
from tokenizers.models import WordPiece

from foldformer.data.dataset_readers import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.ontonotes_ner import gold_conll_files
from foldformer.data.dataset_readers.sources import TokenIndexers, default_token_indexers, set_token_indexers
from foldformer.data.fields import Field, MetadataField, SequenceLabelField, TextField
from foldformer.data.instance import Instance
from foldformer.data.semantic_roles.ontonotes import Ontonotes
from foldformer.data.token_indexer import TokenIndexer
from foldformer.text import Token
from foldformer.text.pretrained import load_tokenizer

_LONGEST_WORD = 100  # characters; BERT's tokenizer makes one unknown wordpiece of longer ones


@DatasetReader.register("srl")
class SrlReader(DatasetReader):
    """Read sentences and the arguments of their verbs from the `*gold_conll` files below a folder.

    One instance a verb; a sentence without one is an instance too. Fields: `tokens` (TextField), `verb_indicator`
    (SequenceLabelField, 1 at the verb), `tags` (SequenceLabelField, BIO) and `metadata` with `words`, `verb`,
    `verb_index` and `gold_tags`. With `bert_model_name` the tokens are wordpieces, and `metadata` has the place of the
    first one of each word as `offsets`.

    Args:
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default, with `bert_model_name` that of the
            transformer.
        domain_identifier: Read only files with a folder of this name in their path: bc, bn, mz, nw, pt, tc or wb.
        bert_model_name: Folder or name of a BERT, whose vocabulary words are cut by, in lower case where its name has
            "uncased".
        kwargs: Those of every `DatasetReader`.
    """

    def __init__(
        self,
        token_indexers: TokenIndexers | None = None,
        domain_identifier: str | None = None,
        bert_model_name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._domain_identifier = domain_identifier
        self.lowercase_input = bert_model_name is not None and "uncased" in bert_model_name
        self._vocabulary: dict[str, int] | None = None
        if bert_model_name is not None:
            self._vocabulary = load_tokenizer(bert_model_name).get_vocab()
            of_bert = TokenIndexer.by_name("pretrained_transformer")
            token_indexers = token_indexers or {"tokens": of_bert(bert_model_name)}
        self._token_indexers = token_indexers or default_token_indexers()

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        files = gold_conll_files(file_path, self._domain_identifier)
        sentences = (sentence for file in files for sentence in Ontonotes().sentence_iterator(file))
        for sentence in self.shard_iterable(sentences):
            tokens = [Token(word) for word in sentence.words]
            if not sentence.srl_frames:
                yield self.text_to_instance(tokens, [0] * len(tokens), ["O"] * len(tokens))
            for _, tags in sentence.srl_frames:
                yield self.text_to_instance(tokens, [int(tag.endswith("-V")) for tag in tags], tags)

    @overrides(check_signature=False)
    def text_to_instance(
        self, tokens: Sequence[Token], verb_label: Sequence[int], tags: Sequence[str] | None = None
    ) -> Instance:
        """Make an instance of one verb of a sentence.

        Args:
            tokens: Its words.
            verb_label: 1 at the verb, else 0.
            tags: The verb's arguments, in BIO.
        """
        words = [token.text or "" for token in tokens]
        place = list(verb_label).index(1) if 1 in verb_label else None
        verb = None if place is None else words[place]
        metadata: dict[str, Any] = {"words": words, "verb": verb, "verb_index": place}
        if tags:
            metadata["gold_tags"] = list(tags)
        labels, indicators = tags, list(verb_label)
        if self._vocabulary is not None:
            tokens, ends = self._wordpieces(words, self._vocabulary)
            metadata["offsets"] = [begin + 1 for begin in [0, *ends[:-1]]]
            indicators = wordpiece_verb_indices(verb_label, ends)
            labels = wordpiece_tags(tags, ends) if tags else tags
        sequence = TextField(tokens)
        fields: dict[str, Field[Any]] = {"tokens": sequence, "metadata": MetadataField(metadata)}
        fields["verb_indicator"] = SequenceLabelField(indicators, sequence)
        if labels:
            fields["tags"] = SequenceLabelField(labels, sequence)
        return Instance(fields)

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self._token_indexers, "tokens")

    def _wordpieces(self, words: Sequence[str], vocabulary: dict[str, int]) -> tuple[list[Token], list[int]]:
        """The wordpieces between their special tokens, and how many there are up to the end of each word."""
        model = WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=_LONGEST_WORD)
        pieces: list[str] = []
        ends: list[int] = []
        for word in words:
            for part in (word.lower() if self.lowercase_input else word).split():
                pieces += [piece.value for piece in model.tokenize(part)]
            ends.append(len(pieces))
        whole = ["[CLS]", *pieces, "[SEP]"]
        return [Token(piece, text_id=vocabulary[piece]) for piece in whole], ends


def wordpiece_tags(tags: Sequence[str], offsets: Sequence[int]) -> list[str]:
    """Give the wordpieces of each word its tag, those after the first of a beginning `I`, and special tokens `O`.

    Args:
        tags: BIO tags of words.
        offsets: How many wordpieces there are up to the end of each word, without special tokens.
    """
    found = ["O"]
    for tag, (begin, end) in zip(tags, pairwise([0, *offsets]), strict=True):
        inside = f"I{tag[1:]}" if tag.startswith("B") else tag
        found += [tag, *[inside] * (end - begin - 1)][: end - begin]
    return [*found, "O"]


def wordpiece_verb_indices(verb_indices: Sequence[int], offsets: Sequence[int]) -> list[int]:
    """Give the wordpieces of each word its indicator, and special tokens 0.

    Args:
        verb_indices: 1 at the verb, else 0.
        offsets: How many wordpieces there are up to the end of each word, without special tokens.
    """
    pairs = zip(verb_indices, pairwise([0, *offsets]), strict=True)
    return [0, *(each for each, (begin, end) in pairs for _ in range(end - begin)), 0]
