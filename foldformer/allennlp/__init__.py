"""The bridge for projects written for AllenNLP 1 and 2: importing this makes their `import allennlp` find our classes.

`foldformer.allennlp.finder` finds, `served.txt` says what is served from where. Nothing else in the house knows of it
but the command's `--include-package`, which imports this first.
"""

from foldformer.allennlp.finder import install
from foldformer.allennlp.unchecked import uncheck

install()
uncheck()
