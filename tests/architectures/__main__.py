"""Write docs/architectures.md.

python -m tests.architectures            tries all architectures
python -m tests.architectures bert t5    tries these; the others stay as the page has them
"""

import sys

import transformers

from tests.architectures import page
from tests.architectures.shrinking import model_types
from tests.architectures.survey import outcome_of

asked = sys.argv[1:]
outcomes = page.read()[0] if asked else {}
for name in asked or model_types():
    outcomes[name] = outcome_of(name)
    print(name, outcomes[name], flush=True)
page.PAGE.write_text(page.written(outcomes, transformers.__version__))
