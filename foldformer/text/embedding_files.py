"""Text files of word vectors: one word and its numbers a line, plain, compressed or inside an archive."""

import re
from collections.abc import Iterator

from foldformer.text.text_files import Line, read_lines

_INSIDE_ARCHIVE = re.compile(r"\((.*)\)#(.*)")
_HEADER = re.compile(r"\d+( \d+)?\s*")
"""Number of words, and perhaps the dimension: the first line of word2vec and fastText files."""


def read_embedding_lines(uri: str) -> Iterator[Line]:
    """Read the lines of a file of word vectors, a header left out.

    Args:
        uri: A path or URL as `read_lines` takes it, or AllenNLP's `(archive)#path/inside`.

    Raises:
        FileNotFoundError: There is no such file.
        FileContentError: It is damaged, not UTF-8, or an archive that does not say which of its files is meant.
    """
    inside = _INSIDE_ARCHIVE.fullmatch(uri)
    for line in read_lines("!".join(inside.groups()) if inside else uri):
        if line.number > 1 or not _HEADER.fullmatch(line.text):
            yield line


def read_pretrained_tokens(uri: str) -> list[str]:
    """Read the words of a file of word vectors, without their numbers; lines without a space are passed over."""
    return [line.text.partition(" ")[0] for line in read_embedding_lines(uri) if " " in line.text]
