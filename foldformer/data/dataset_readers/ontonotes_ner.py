"""Fine-grained entities from OntoNotes 5.0 in the format of CoNLL 2012."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from overrides import overrides

from foldformer.config import Problem, refuse
from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.sources import (
    BLANKS,
    TokenIndexers,
    columns_of,
    data_files,
    default_token_indexers,
    set_token_indexers,
    tagged_words,
)
from foldformer.data.dataset_readers.tag_schemes import to_bioul
from foldformer.data.instance import Instance
from foldformer.text import Token
from foldformer.text.files import LocalFile
from foldformer.text.text_files import Line, read_lines

_WORD, _ENTITY = 3, 10
_MIN_COLUMNS = 12  # up to the entities, and the column of coreference that always ends the line


@DatasetReader.register("ontonotes_ner")
class OntonotesNamedEntityRecognition(DatasetReader):
    """Read words and entities from the `*gold_conll` files below a folder, which may lie in an archive.

    Files below a folder `pt` (Old and New Testament) are left out, as they have no entities. Fields: `tokens`
    (TextField), `tags` (SequenceLabelField) and `metadata` with the `words`.

    Args:
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default.
        domain_identifier: Read only files with a folder of this name in their path: bc, bn, mz, nw, tc or wb.
        coding_scheme: Of the tags.
        kwargs: Those of every `DatasetReader`.

    Raises:
        ConfigurationError: `domain_identifier` is "pt".
    """

    def __init__(
        self,
        token_indexers: TokenIndexers | None = None,
        domain_identifier: str | None = None,
        coding_scheme: Literal["BIO", "BIOUL"] = "BIO",
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        refuse(self.check_block({"domain_identifier": domain_identifier}))
        self._token_indexers = token_indexers or default_token_indexers()
        self._domain_identifier = domain_identifier
        self._coding_scheme = coding_scheme

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """A domain with entities."""
        if block.get("domain_identifier") == "pt":
            expected = '"bc", "bn", "mz", "nw", "tc" or "wb": the Testaments carry no entities'
            yield Problem("domain_identifier", f'got "pt"; expected {expected}')

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        files = gold_conll_files(file_path, self._domain_identifier, left_out=["pt"])
        sentences = (sentence for file in files for sentence in conll_sentences(read_lines(file)))
        for sentence in self.shard_iterable(sentences):
            rows = [conll_columns(line) for line in sentence]
            words = [_plain_word(row[_WORD]) for row in rows]
            tags = bio_tags_of_brackets([row[_ENTITY] for row in rows])
            yield self.text_to_instance([Token(word) for word in words], tags)

    @overrides(check_signature=False)
    def text_to_instance(self, tokens: Sequence[Token], ner_tags: Sequence[str] | None = None) -> Instance:
        """Make an instance of one sentence.

        Args:
            tokens: Its words.
            ner_tags: Entities, in BIO.
        """
        if ner_tags is not None and self._coding_scheme == "BIOUL":
            ner_tags = to_bioul(ner_tags, "BIO")
        return Instance(tagged_words(tokens, ner_tags))

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self._token_indexers, "tokens")


def gold_conll_files(
    file_path: DatasetReaderInput, domain_identifier: str | None = None, left_out: Collection[str] = ()
) -> Iterator[LocalFile]:
    """Find the `*gold_conll` files below a folder, which may lie in an archive; a file is taken as it is.

    Args:
        file_path: Folder or file, or a list of them.
        domain_identifier: Only files with a folder of this name in their path.
        left_out: No files with a folder of one of these names below the given one.

    Raises:
        FileNotFoundError: There is none.
    """
    for source in data_files(file_path):
        if source.path.is_file():
            yield source
            continue
        below = sorted(path for path in source.path.rglob("*gold_conll") if path.is_file())
        kept = [path for path in below if domain_identifier is None or domain_identifier in path.parent.parts]
        # Only below the given folder: a home folder may be called pt.
        kept = [path for path in kept if not set(path.relative_to(source.path).parent.parts) & set(left_out)]
        if not kept:
            wanted = f" with a folder {domain_identifier} in their path" if domain_identifier else ""
            raise FileNotFoundError(
                f'got "{source.name}" with {len(below)} *gold_conll files below it; expected at least one{wanted}'
            )
        for path in kept:
            yield LocalFile(f"{source.name}/{path.relative_to(source.path).as_posix()}", path)


def conll_sentences(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Cut at blank lines and comments, which are left out."""
    sentence: list[Line] = []
    for line in lines:
        if line.text.strip(BLANKS) and not line.text.startswith("#"):
            sentence.append(line)
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def conll_columns(line: Line) -> list[str]:
    """Cut a line into its columns.

    Raises:
        FileContentError: There are too few.
    """
    columns = columns_of(line, _MIN_COLUMNS)
    if len(columns) < _MIN_COLUMNS:
        raise line.error(
            f"got {len(columns)} columns; expected at least {_MIN_COLUMNS}: "
            "document, part, number, word, ..., entity, coreference"
        )
    return columns


def _plain_word(word: str) -> str:
    """Take off the slash that the treebank puts before full stops and question marks that end no sentence."""
    return word[1:] if word in ("/.", "/?") else word


def bio_tags_of_brackets(brackets: Iterable[str]) -> list[str]:
    """Turn `(ORG * *) * (GPE)` into `B-ORG I-ORG I-ORG O B-GPE`."""
    tags: list[str] = []
    kind: str | None = None
    for bracket in brackets:
        if "(" in bracket:
            kind = bracket.strip("()*")
            tags.append(f"B-{kind}")
        else:
            tags.append("O" if kind is None else f"I-{kind}")
        if ")" in bracket:
            kind = None
    return tags
