"""The names of columns that a file must have."""

from collections.abc import Sequence

from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.corpus.inputs.sources import Source
from foldformer.text.archives import FileContentError


def check_columns(source: Source, wanted: Sequence[str], names: Sequence[str]) -> None:
    """Check that a file has each column that is wanted, once.

    Raises:
        FileContentError: It has not.
    """
    for name in wanted:
        if name not in names:
            raise FileContentError(
                f"{source.name}: got the columns {one_of(names, 'and')}; expected one named {show(name)}"
                f"{did_you_mean(name, names)}"
            )
        if names.count(name) > 1:
            raise FileContentError(
                f"{source.name}: got {names.count(name)} columns named {show(name)}; expected one; rename the others"
            )
