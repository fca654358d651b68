"""The environments that peers run in: one folder each under `.peers/`, made when first needed."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".peers"


class UnavailableError(RuntimeError):
    """A peer cannot run here; says why."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment.

    Args:
        name: Of its folder.
        python: Version of the interpreter, "3.10".
        requirements: For pip.
        package: Import name of what it is there for.
        unwanted: What comes along and is taken out again, as the package fails with it.
    """

    name: str
    python: str
    requirements: tuple[str, ...]
    package: str
    unwanted: tuple[str, ...] = ()

    def interpreter(self) -> Path:
        """Return its interpreter, having made the environment if there was none.

        Raises:
            UnavailableError: It cannot be made.
        """
        folder = PEERS / self.name
        python = folder / "bin" / "python"
        if any(folder.glob(f"lib/python*/site-packages/{self.package}/__init__.py")):
            return python
        print(f"making {folder.relative_to(ROOT)}: {' '.join(self.requirements)}", flush=True)
        _call([_find_python(self.python), "-m", "venv", str(folder)])
        _call([str(python), "-m", "pip", "install", "--quiet", *self.requirements])
        if self.unwanted:
            _call([str(python), "-m", "pip", "uninstall", "--quiet", "--yes", *self.unwanted])
        return python


@dataclass(frozen=True)
class Own:
    """The environment that this runs in."""

    def interpreter(self) -> Path:
        """Return its interpreter."""
        return Path(sys.executable)


TORCH = "torch==2.13.0"
OWN = Own()
ALLENNLP = Environment("allennlp", "3.10", ("allennlp==2.10.1", "numpy<1.24"), "allennlp")
FLAIR = Environment("flair", "3.11", (TORCH, "flair==0.15.1"), "flair")
SENTENCE_TRANSFORMERS = Environment(
    "sentence_transformers", "3.11", (TORCH, "sentence-transformers"), "sentence_transformers"
)
SENTENCE_TRANSFORMERS_OPENVINO = Environment(
    "sentence_transformers_openvino",
    "3.11",
    (TORCH, "sentence-transformers[openvino]"),
    "sentence_transformers",
    unwanted=("torchvision",),  # built for CUDA, which a torch for processors has not
)
SENTENCE_TRANSFORMERS_ONNX = Environment(
    "sentence_transformers_onnx", "3.11", (TORCH, "sentence-transformers[onnx]"), "sentence_transformers"
)
ONNX = Environment("onnx", "3.11", (TORCH, "transformers", "onnx", "onnxruntime"), "onnxruntime")
SPACY = Environment(
    "spacy_curated_transformers",
    "3.11",
    (TORCH, "spacy==3.8.*", "spacy-curated-transformers==0.3.*", "transformers<5"),
    "spacy_curated_transformers",
)


def _find_python(version: str) -> str:
    """Return an interpreter of a version, from the path or from pyenv."""
    installed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{version}"), *sorted(installed.glob(f"{version}.*/bin/python"))]
    for candidate in filter(None, candidates):
        asked = subprocess.run([str(candidate), "--version"], capture_output=True, text=True, check=False)
        if asked.returncode == 0 and asked.stdout.startswith(f"Python {version}."):
            return str(candidate)
    raise UnavailableError(f"there is no Python {version} here")


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise UnavailableError(f"{' '.join(command[:4])} ... failed: {lines[-1]}")
