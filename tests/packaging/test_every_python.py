"""What needs no compiled package but Jsonnet is imported by every supported Python that lies on this machine.

Class statements run then, and with them the checks that `overrides` makes on the bytecode of that version.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
OTHERS = [f"3.{minor}" for minor in range(10, 14) if minor != sys.version_info.minor]
PURE = ("overrides", "typing_extensions", "_jsonnet", "yaml", "filelock", "fsspec", "packaging")
IMPORT_ALL = """
import importlib, json, pkgutil, sys
imported, missing = [], {}
def name_all(packages):
    for package in packages:
        yield package
        for found in pkgutil.walk_packages([f"{sys.argv[1]}/{package}"], f"{package}.", onerror=lambda name: None):
            if not found.name.endswith("__main__"):
                yield found.name
for name in name_all(["foldformer", "embedders", "indexers"]):
    try:
        importlib.import_module(name)
        imported.append(name)
    except ModuleNotFoundError as error:
        missing[name] = error.name
print(json.dumps([imported, missing]))
"""


def interpreter(version: str) -> str | None:
    of_pyenv = Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")
    found = [shutil.which(f"python{version}"), *map(str, of_pyenv)]
    for python in filter(None, found):
        if (
            Path(python).exists()
            and not subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode
        ):
            return python
    return None


@pytest.mark.parametrize("version", OTHERS)
def test_modules_import(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    for path in map(Path, sys.path):
        for entry in path.glob("*") if path.is_dir() else ():
            if entry.name.split(".")[0] in PURE and not (tmp_path / entry.name).exists():
                (tmp_path / entry.name).symlink_to(entry)
    done = subprocess.run(
        [python, "-S", "-W", "error", "-c", IMPORT_ALL, str(PROJECT)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": f"{PROJECT}:{tmp_path}", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    imported, missing = json.loads(done.stdout)
    assert not [
        name for name, of in missing.items() if of.split(".")[0] in (*PURE, "foldformer", "embedders", "indexers")
    ]
    for name in ("foldformer.config.build", "foldformer.config.read.jsonnet", "foldformer.choices"):
        assert name in imported
