import pytest

from foldformer.text.atomic import atomic, part_of, remove_parts


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


def test_what_a_killed_process_left_is_not_built_upon(tmp_path):
    target = tmp_path / "folder"
    part_of(target).mkdir()
    (part_of(target) / "stale").touch()
    with atomic(target) as part:
        part.mkdir()
    assert list(target.iterdir()) == []
    part_of(target).touch()
    remove_parts(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]
