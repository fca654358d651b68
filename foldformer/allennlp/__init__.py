"""The bridge for projects written for AllenNLP 1 and 2: importing this makes their `import allennlp` find our classes.

`foldformer.allennlp.finder` finds, `served.txt` says what is served from where. Nothing else in the house knows of it
but the command's `--include-package`, which imports this first.
"""

from foldformer.allennlp import finder, old_transformers
from foldformer.allennlp.unchecked import uncheck

finder.install()
old_transformers.install()
uncheck()
