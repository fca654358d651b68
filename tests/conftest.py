"""What every test may use: the folder of real data, and tiny models made from a configuration."""

import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest

PROJECT = Path(__file__).parents[1]
SHARED = PROJECT.parent / "shared"


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Real text and recorded AllenNLP outputs; they lie beside the checkout and are not part of the project."""
    if not SHARED.is_dir():
        pytest.skip(f"needs real data in {SHARED}, which is not here")
    return SHARED
