"""Make `import allennlp.a.b` find what `served.txt` says."""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from foldformer.allennlp.messages import why_no_module, why_no_name
from foldformer.allennlp.table import ROOTS, Served, table

logger = logging.getLogger(__name__)


class Bridged(ModuleType):
    """A module of AllenNLP whose names are looked up when they are asked for.

    Every one counts as a package, so that Python looks for a submodule where a name is not there, and the finder can
    say why, while `hasattr` and `getattr` with a default work as on any module.
    """

    def __getattr__(self, name: str) -> Any:
        """Our object behind a name, or the submodule.

        Raises:
            AttributeError: There is neither.
        """
        if name == "__all__":
            return [each for each, entry in table().names(self.__name__).items() if isinstance(entry, Served)]
        entry = table().find(self.__name__, name)
        if isinstance(entry, Served):
            found = getattr(importlib.import_module(entry.module), entry.name)
        elif f"{self.__name__}.{name}" in table():
            found = importlib.import_module(f"{self.__name__}.{name}")
        elif name.startswith("__"):
            raise AttributeError(name)
        else:
            raise AttributeError(why_no_name(self.__name__, name))
        setattr(self, name, found)
        return found


class Bridge(MetaPathFinder, Loader):
    """Finds the modules of AllenNLP that the table has, and says of the others why they are not found."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """The module's spec; None outside AllenNLP.

        Raises:
            ImportError: We do not serve this module, or the module does not have this name.
        """
        if fullname.partition(".")[0] not in ROOTS:
            return None
        if fullname in table():
            return ModuleSpec(fullname, self, is_package=True)
        owner, _, name = fullname.rpartition(".")
        gone = table().why_gone(fullname) is not None
        message = why_no_module(fullname) if gone else why_no_name(owner, name)
        raise ImportError(message, name=fullname)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty module."""
        return Bridged(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing runs: names are found when they are asked for."""


def install() -> None:
    """Serve `import allennlp` from here from now on, unless the genuine AllenNLP was imported before."""
    genuine = [root for root in ROOTS if root in sys.modules and not isinstance(sys.modules[root], Bridged)]
    if genuine:
        logger.warning("%s was imported before foldformer.allennlp, so the genuine one is used", genuine[0])
    elif not any(isinstance(finder, Bridge) for finder in sys.meta_path):
        sys.meta_path.insert(0, Bridge())
        also = "; the genuine one, which is installed too, is not used" if _genuine_is_installed() else ""
        logger.info("import allennlp finds the classes of foldformer%s", also)


def _genuine_is_installed() -> bool:
    try:
        importlib.metadata.distribution("allennlp")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
