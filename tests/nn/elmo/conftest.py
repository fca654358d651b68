"""The tiny ELMo of these tests, made anew from a seed."""

import json
from pathlib import Path

import pytest

from tests.record_allennlp.tiny_elmo import write_tiny_elmo


@pytest.fixture(scope="session")
def elmo_records():
    return json.loads(Path(__file__).with_name("recorded.json").read_text())


@pytest.fixture(scope="session")
def elmo_files(tmp_path_factory):
    return write_tiny_elmo(tmp_path_factory.mktemp("elmo"))
