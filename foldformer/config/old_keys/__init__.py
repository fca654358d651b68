"""Keys of AllenNLP 0.x and 1.x: files that have them are read, with a warning for each that says today's spelling.

`table.py` says which keys, `upgrade.py` walks through a file. `Params.from_file` comes by here after it has put the
overrides in, so overrides may be spelled as the file is; all that follows knows today's keys only.
"""

from foldformer.config.old_keys.upgrade import upgraded, upgraded_with_warnings

__all__ = ["upgraded", "upgraded_with_warnings"]
