"""Change the text of a Jsonnet file so that it evaluates to other data, and leave the rest of the text as it is.

`source.py` finds where in the text a value is written, `edits.py` renames, replaces, removes and adds members there,
`rewrite.py` decides what to do by comparing the data before and after, and evaluates what came out.
"""

from foldformer.config.edit.rewrite import rewritten

__all__ = ["rewritten"]
