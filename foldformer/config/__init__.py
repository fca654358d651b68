"""Registry and configuration: a file becomes objects in three steps that never mix.

```
file --read--> {"type": "mean", "dim": 3} --check--> Call(MeanPooler, {"dim": Ready(3)}) --build--> a MeanPooler
```

*read* (`read/`) evaluates Jsonnet, JSON or YAML to plain data and puts overrides in. It knows nothing of classes.

*check* (`check/`) holds the data against type hints, which are the schema. A hint becomes a node, a constructor a
signature; each node checks its part of the data and its parts' nodes theirs. Problems are collected with the path of
the place where they stand (`Place`, which each node extends by a key on its way down); for what is right, a step is
left that says which constructor to call with what. Nothing is built, so all errors of a file come at once.

*build* (`build.py`) makes the calls, from the inside out. A `Lazy` is checked with the rest and built by its holder.

`schema.py`, `defaults.py` and `foldformer describe` read the same nodes and signatures.

The modules form one circle, and that is the nature of a registry: which parameters a block may have depends on the
class that its `type` names, that class's parameters are again blocks, and `FromParams.from_params`, which every class
inherits, starts the three steps itself. The circle is closed by imports inside functions, in three places:
`components._signature_of`, `FromParams.from_params` and `Lazy.construct`.
"""

from foldformer.config.build import build
from foldformer.config.check import check, review
from foldformer.config.check.bounds import AtLeastOne, Fraction, NotNegative, NotNegativeNumber, Range
from foldformer.config.check.values import RegularExpression
from foldformer.config.discovery import include_package
from foldformer.config.errors import ConfigurationError, Problem, refuse
from foldformer.config.experiment import Experiment
from foldformer.config.from_params import FromParams
from foldformer.config.lazy import Lazy, Provides
from foldformer.config.params import Params
from foldformer.config.registrable import Registrable

__all__ = [
    "AtLeastOne",
    "ConfigurationError",
    "Experiment",
    "Fraction",
    "FromParams",
    "Lazy",
    "NotNegative",
    "NotNegativeNumber",
    "Params",
    "Problem",
    "Provides",
    "Range",
    "Registrable",
    "RegularExpression",
    "build",
    "check",
    "include_package",
    "refuse",
    "review",
]
