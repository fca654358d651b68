import os

import pytest

from foldformer.config import ConfigurationError
from foldformer.text.atomic import atomic, private_folder, remove_parts


def test_file_appears_when_it_is_whole_and_only_then(tmp_path):
    target = tmp_path / "file.txt"
    with atomic(target) as part:
        part.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["file.txt"]


def test_error_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "file.txt"
    target.write_text("old")
    with pytest.raises(UnicodeEncodeError), atomic(target) as part:
        part.write_text("ne\ud800", encoding="utf-8")
    assert target.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["file.txt"]


def test_folder_takes_the_place_of_a_folder(tmp_path):
    target = tmp_path / "folder"
    target.mkdir()
    (target / "old").touch()
    with atomic(target) as part:
        part.mkdir()
        (part / "new").touch()
    assert [each.name for each in target.iterdir()] == ["new"]


def test_what_a_killed_process_left_is_removed_and_not_built_upon(tmp_path):
    target = tmp_path / "folder"
    left, other = tmp_path / ".folder.ab_d1234.part", tmp_path / ".folder.json.abcd1234.part"
    for each in (left, other):
        each.mkdir()
    with atomic(target) as part:
        part.mkdir()
    assert list(target.iterdir()) == []
    assert not left.exists()
    assert other.exists()
    remove_parts(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_place_cannot_be_foreseen_or_opened_by_others(tmp_path):
    places = []
    for _ in range(2):
        with atomic(tmp_path / "file.txt") as part:
            part.write_text("new")
            places.append(part.parent)
            assert part.parent.stat().st_mode & 0o777 == 0o700
    assert places[0] != places[1]


def test_links_at_the_target_and_at_what_was_left_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("file.txt", ".file.txt.part", ".file.txt.abcd1234.part"):
        (folder / name).symlink_to(outside)
    with atomic(folder / "file.txt") as part:
        part.write_text("new")
    assert outside.read_text() == "precious"
    assert (folder / "file.txt").read_text() == "new"
    assert not (folder / "file.txt").is_symlink()


def test_private_folder_is_ones_own(tmp_path, monkeypatch):
    assert private_folder(tmp_path / "cache", "CACHE").stat().st_mode & 0o777 == 0o700
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(ConfigurationError, match=r"drwxrwxrwx.*set CACHE"):
        private_folder(tmp_path / "open", "CACHE")
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    (tmp_path / "theirs").mkdir()
    if os.getuid() == 0:  # who alone can give a folder away
        os.chown(tmp_path / "theirs", 54321, -1)
        with pytest.raises(ConfigurationError, match="belongs to user 54321"):
            private_folder(tmp_path / "theirs", "CACHE")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be made"):
        private_folder(tmp_path / "file", "CACHE")
