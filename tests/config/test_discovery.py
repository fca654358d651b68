import logging
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import EntryPoint

import pytest

from foldformer.config import ConfigurationError, Registrable, check, discovery, include_package

GOOD = """
from tests.config.test_discovery import Animal
@Animal.register("cat")
class Cat(Animal): pass
"""
ODD = """
class Surprise(Exception): pass
raise Surprise("not today")
"""


class Animal(Registrable):
    pass


@pytest.fixture
def packages(own_registry, monkeypatch, tmp_path):
    """Two announced packages, one of them broken; nothing imported yet."""
    (tmp_path / "good_animals.py").write_text(GOOD)
    (tmp_path / "odd_animals.py").write_text(ODD)
    monkeypatch.syspath_prepend(str(tmp_path))
    names = ("odd_animals", "absent_animals", "good_animals")
    entries = [EntryPoint(name, name, discovery.GROUP) for name in names]
    monkeypatch.setattr(discovery, "entry_points", lambda group: entries if group == "foldformer.components" else [])
    monkeypatch.setattr(discovery, "_discovered", False)
    yield tmp_path
    for name in (*names, "zoo", "zoo.cages", "zoo.cages.lions", "zoo.broken"):
        sys.modules.pop(name, None)


def test_a_name_that_is_known_imports_nothing(packages):
    Animal.register("dog")(Animal)
    assert Animal.by_name("dog") is Animal
    assert "good_animals" not in sys.modules


def test_a_name_that_is_not_known_imports_the_announced_packages(packages):
    assert Animal.by_name("cat").__name__ == "Cat"


def test_listing_imports_the_announced_packages(packages):
    assert Animal.list_available() == ["cat"]


def test_checking_imports_the_announced_packages(packages):
    assert check(Animal, {"type": "cat"}) == []


def test_a_package_that_fails_is_logged_once_and_does_not_stop_the_others(packages, caplog):
    with caplog.at_level(logging.WARNING):
        assert Animal.list_available() == ["cat"]
        Animal.list_available()
    assert [record.getMessage() for record in caplog.records] == [
        "absent_animals could not be imported (ModuleNotFoundError: No module named 'absent_animals'); "
        "its components are not available",
        "odd_animals could not be imported (Surprise: not today); its components are not available",
    ]
    assert [failure.package for failure in discovery.import_failures()] == ["absent_animals", "odd_animals"]


def test_a_failed_look_up_says_which_packages_are_missing(packages):
    with pytest.raises(ConfigurationError, match=r"odd_animals could not be imported \(Surprise: not today\)"):
        Animal.by_name("platypus")


@pytest.fixture
def zoo(packages):
    cages = packages / "zoo" / "cages"
    cages.mkdir(parents=True)
    (packages / "zoo" / "__init__.py").write_text("")
    (packages / "zoo" / "__main__.py").write_text("raise SystemExit('run')")
    (cages / "__init__.py").write_text("")
    (cages / "lions.py").write_text(GOOD.replace("cat", "lion"))
    return packages / "zoo"


def test_threads_that_look_up_at_once_all_wait_for_the_announced_packages(packages):
    slow = "import time\ntime.sleep(0.3)\n" + GOOD
    (packages / "good_animals.py").write_text(slow)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: Animal.by_name("cat").__name__, range(4)))
    assert found == ["Cat"] * 4


def test_include_package_imports_every_submodule(zoo):
    include_package("zoo")
    assert "lion" in Animal.list_available()


def test_include_package_looks_in_the_current_folder(zoo, monkeypatch):
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry not in (str(zoo.parent), "")])
    monkeypatch.chdir(zoo.parent)
    include_package("zoo")
    assert "lion" in Animal.list_available()
    assert sys.path[0] == os.getcwd()  # noqa: PTH109


def test_include_package_names_the_module_that_fails(zoo):
    (zoo / "broken.py").write_text("import no_such_thing")
    with pytest.raises(ConfigurationError, match=r"'zoo\.broken' cannot be included: .*no_such_thing"):
        include_package("zoo")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys\nimport no_such_thing", "broken.py:2: ModuleNotFoundError: No module named 'no_such_thing'; "),
        ("import json\n\njson.loads('{')", "broken.py:3: JSONDecodeError: "),
        ("x = (\n", "broken.py:1: SyntaxError: "),
        ("raise ValueError('one\\ntwo')", "broken.py:1: ValueError: one; "),
    ],
)
def test_include_package_names_the_line_that_fails(zoo, monkeypatch, code, message):
    monkeypatch.chdir(zoo.parent)
    (zoo / "broken.py").write_text(code)
    with pytest.raises(ConfigurationError, match=re.escape(message)) as caught:
        include_package("zoo")
    assert "\n" not in str(caught.value)


def test_include_package_that_does_not_exist_says_so(packages):
    with pytest.raises(ConfigurationError, match="package 'nowhere' cannot be included: ModuleNotFoundError"):
        include_package("nowhere")


def test_a_class_path_into_a_module_that_fails_says_why(packages):
    assert "Surprise: not today" in str(check(Animal, {"type": "odd_animals.Cat"})[0])
    (packages / "needy_animals.py").write_text("import no_such_thing")
    assert "No module named 'no_such_thing'" in str(check(Animal, {"type": "needy_animals.Cat"})[0])


def test_a_class_path_into_a_submodule_that_fails_does_not_blame_the_package(zoo):
    (zoo / "broken.py").write_text("import no_such_thing")
    assert "No module named 'no_such_thing'" in str(check(Animal, {"type": "zoo.broken.Lion"})[0])
    assert 'module zoo has no class "absent.Lion"' in str(check(Animal, {"type": "zoo.absent.Lion"})[0])


def test_a_class_path_imports_its_module(packages):
    assert type(Animal.from_params({"type": "good_animals.Cat"})).__name__ == "Cat"
