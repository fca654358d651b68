import bz2
import gzip
import io
import lzma
import tarfile
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from foldformer.config import ConfigurationError
from foldformer.text.archives import FileContentError, extract_archive
from foldformer.text.files import cached_path, matching_files
from foldformer.text.text_files import open_text, read_lines

TEXT = "first line\nzweite Zeile: ä\n\nlast"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FOLDFORMER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "data"
    made.mkdir()
    return made


class CountingHandler(SimpleHTTPRequestHandler):
    requested: list[str]

    def do_GET(self):
        self.requested.append(self.path)
        super().do_GET()

    def log_message(self, format, *args):
        pass


@pytest.fixture
def server(folder):
    """Serve the folder on this machine: (address, paths asked for)."""
    handler = type("Handler", (CountingHandler,), {"requested": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", handler.requested
        running.shutdown()


def make_zip(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def make_tar(path: Path, members: dict[str, str], links: dict[str, str] | None = None) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return path


def read(source) -> str:
    with open_text(source) as text:
        return text.read()


def test_local_path_is_itself(folder):
    (folder / "a.txt").write_text(TEXT)
    assert cached_path(folder / "a.txt") == folder / "a.txt"
    assert cached_path(f"file://{folder}/a.txt") == folder / "a.txt"


@pytest.mark.parametrize(("ending", "compress"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_compressed_file_reads_as_its_text(folder, ending, compress):
    (folder / f"a.txt.{ending}").write_bytes(compress(TEXT.encode()))
    assert read(folder / f"a.txt.{ending}") == TEXT
    assert [line.text for line in read_lines(folder / f"a.txt.{ending}")] == TEXT.split("\n")


def test_zip_of_one_file_reads_as_that_file(folder):
    assert read(make_zip(folder / "a.zip", {"inside/a.txt": TEXT})) == TEXT


def test_archive_of_several_files_asks_which(folder):
    archive = make_zip(folder / "a.zip", {"one.txt": "1", "two.txt": "2"})
    with pytest.raises(FileContentError, match=r"archive of 2 files; .*a\.zip!one\.txt or .*a\.zip!two\.txt"):
        read(archive)


@pytest.mark.parametrize(("make", "ending"), [(make_zip, "zip"), (make_tar, "tar.gz")])
def test_member_of_archive_is_found_behind_exclamation_mark(folder, make, ending):
    archive = make(folder / f"a.{ending}", {"BoolQ/train.jsonl": "train", "BoolQ/val.jsonl": "val"})
    assert read(f"{archive}!BoolQ/val.jsonl") == "val"
    assert [file.name for file in matching_files(f"{archive}!BoolQ/*.jsonl")] == [
        f"{archive}!BoolQ/train.jsonl",
        f"{archive}!BoolQ/val.jsonl",
    ]
    assert sorted(path.name for path in cached_path(f"{archive}!BoolQ").iterdir()) == ["train.jsonl", "val.jsonl"]


def test_compressed_member_of_archive_is_decompressed(folder):
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("a.txt.gz", gzip.compress(TEXT.encode()))
        archive.writestr("b.txt", "b")
    assert read(f"{folder}/a.zip!a.txt.gz") == TEXT


def test_archive_within_archive_is_opened(folder):
    inner = make_tar(folder / "inner.tar.gz", {"deep/a.txt": TEXT})
    with zipfile.ZipFile(folder / "outer.zip", "w") as archive:
        archive.write(inner, "inner.tar.gz")
    assert read(f"{folder}/outer.zip!inner.tar.gz!deep/a.txt") == TEXT


def test_glob_within_an_archive_within_an_archive_finds_its_members(folder):
    inner = make_tar(folder / "inner.tar.gz", {"deep/a.txt": TEXT, "deep/b.txt": TEXT})
    with zipfile.ZipFile(folder / "outer.zip", "w") as archive:
        archive.write(inner, "inner.tar.gz")
    found = matching_files(f"{folder}/outer.zip!inner.tar.gz!**/*.txt")
    assert [file.name.rpartition("!")[2] for file in found] == ["deep/a.txt", "deep/b.txt"]


def test_member_whose_name_looks_like_a_glob_is_itself(folder):
    make_zip(folder / "a.zip", {"a[1].txt": TEXT, "a1.txt": "other"})
    (found,) = matching_files(f"{folder}/a.zip!a[1].txt")
    assert read(found) == TEXT


def test_cache_folder_may_be_named_by_way_of_its_parent(folder, monkeypatch):
    (folder / "inside").mkdir()
    monkeypatch.chdir(folder / "inside")
    monkeypatch.setenv("FOLDFORMER_CACHE", "../cache")
    make_zip(folder / "a.zip", {"a.txt": TEXT})
    assert read(f"{folder}/a.zip!a.txt") == TEXT


def test_changed_archive_is_extracted_anew(folder):
    make_zip(folder / "a.zip", {"a.txt": "old"})
    assert read(f"{folder}/a.zip!a.txt") == "old"
    make_zip(folder / "a.zip", {"a.txt": "newer"})
    assert read(f"{folder}/a.zip!a.txt") == "newer"


def test_file_whose_name_has_an_exclamation_mark_is_no_archive(folder):
    (folder / "what!.txt").write_text(TEXT)
    assert read(folder / "what!.txt") == TEXT


def test_extract_archive_gives_the_folder(folder):
    archive = make_tar(folder / "a.tar.gz", {"config.json": "{}"})
    assert (cached_path(archive, extract_archive=True) / "config.json").read_text() == "{}"
    (folder / "plain.txt").write_text(TEXT)
    assert cached_path(folder / "plain.txt", extract_archive=True) == folder / "plain.txt"


def test_url_is_downloaded_once(folder, server):
    address, requested = server
    (folder / "a.txt.gz").write_bytes(gzip.compress(TEXT.encode()))
    assert read(f"{address}/a.txt.gz") == TEXT
    assert read(f"{address}/a.txt.gz") == TEXT
    assert requested.count("/a.txt.gz") == 1


def test_member_of_archive_behind_url_is_found(folder, server):
    make_zip(folder / "RTE.zip", {"RTE/train.jsonl": "train", "RTE/val.jsonl": "val"})
    assert read(f"{server[0]}/RTE.zip!RTE/val.jsonl") == "val"


def test_interrupted_download_is_not_taken_for_whole(folder, server, cache):
    (folder / "a.txt").write_text(TEXT)
    whole = cached_path(f"{server[0]}/a.txt")
    whole.unlink()
    killed = whole.with_name(f".{whole.name}.abcd1234.part")
    killed.mkdir()
    (killed / whole.name).write_text("fir")
    assert read(f"{server[0]}/a.txt") == TEXT
    assert not killed.exists()


def test_missing_url_is_named(server):
    with pytest.raises(FileNotFoundError, match=r"nothing\.txt.*none at this address"):
        cached_path(f"{server[0]}/nothing.txt")


def test_unknown_kind_of_url_is_named():
    with pytest.raises(ConfigurationError, match=r"htps://host/a.*expected a path or a URL"):
        cached_path("htps://host/a")


def test_glob_finds_files_in_order_of_names(folder):
    for name in ("b.jsonl", "a.jsonl", "c.txt"):
        (folder / name).write_text(name)
    (folder / "deep").mkdir()
    (folder / "deep" / "d.jsonl").write_text("d")
    assert [file.path.name for file in matching_files(f"{folder}/*.jsonl")] == ["a.jsonl", "b.jsonl"]
    assert [file.path.name for file in matching_files(f"{folder}/**/*.jsonl")] == ["a.jsonl", "b.jsonl", "d.jsonl"]


def test_file_whose_name_looks_like_a_glob_is_itself(folder):
    (folder / "a[1].txt").write_text("this")
    (folder / "a1.txt").write_text("that")
    assert [read(file) for file in matching_files(folder / "a[1].txt")] == ["this"]


def test_glob_over_remote_files(cache):
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe({"/corpus/b.txt": b"b", "/corpus/a.txt": b"a"})
    try:
        assert [read(file) for file in matching_files("memory://corpus/*.txt")] == ["a", "b"]
    finally:
        memory.rm("/corpus", recursive=True)


def test_glob_without_match_is_an_error(folder):
    with pytest.raises(FileNotFoundError, match=r"\*\.jsonl.*none matches"):
        matching_files(f"{folder}/*.jsonl")


def test_missing_file_suggests_the_nearest_name(folder):
    (folder / "train.jsonl").write_text("")
    with pytest.raises(FileNotFoundError, match=r"trian\.jsonl.*did you mean \"train\.jsonl\""):
        cached_path(folder / "trian.jsonl")


def test_missing_folder_is_named(folder):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere"):
        cached_path(folder / "nowhere" / "a.txt")


def test_missing_member_lists_what_is_there(folder):
    archive = make_zip(folder / "a.zip", {"BoolQ/train.jsonl": "", "BoolQ/val.jsonl": ""})
    with pytest.raises(FileNotFoundError, match=r"dev\.jsonl.*holds BoolQ/train\.jsonl, BoolQ/val\.jsonl"):
        cached_path(f"{archive}!BoolQ/dev.jsonl")


def test_member_path_cannot_leave_the_archive(folder):
    archive = make_zip(folder / "a.zip", {"a.txt": ""})
    make_zip(folder / "b.zip", {"secret.txt": ""})
    other = cached_path(f"{folder}/b.zip!secret.txt")
    with pytest.raises(FileNotFoundError, match="expected a member"):
        cached_path(f"{archive}!../{other.parent.name}/secret.txt")


@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/tmp/evil.txt", "..\\evil.txt", "C:\\evil.txt"])
@pytest.mark.parametrize(("make", "ending"), [(make_zip, "zip"), (make_tar, "tar.gz")])
def test_hostile_member_is_refused_and_nothing_is_extracted(tmp_path, make, ending, name):
    archive = make(tmp_path / f"a.{ending}", {"good.txt": "good", name: "evil"})
    with pytest.raises(FileContentError, match=r"evil\.txt.*nothing was extracted"):
        extract_archive(archive, tmp_path / "out" / "folder")
    assert not (tmp_path / "out" / "folder").exists()
    assert not list(tmp_path.rglob("evil.txt"))


@pytest.mark.parametrize("target", ["/etc/passwd", "../../secret"])
def test_hostile_link_is_refused(tmp_path, target):
    archive = make_tar(tmp_path / "a.tar.gz", {"good.txt": ""}, links={"link": target})
    with pytest.raises(FileContentError, match='the member "link"'):
        extract_archive(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_truncated_archive_is_called_damaged(tmp_path):
    archive = make_tar(tmp_path / "a.tar.gz", {"a.txt": TEXT * 5000})
    archive.write_bytes(archive.read_bytes()[:-200])
    with pytest.raises(FileContentError, match=r"a\.tar\.gz: got a damaged file"):
        extract_archive(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_truncated_zip_that_is_read_as_a_file_is_called_damaged(folder):
    whole = make_zip(folder / "whole.zip", {"a.txt": TEXT * 100})
    (folder / "cut.zip").write_bytes(whole.read_bytes()[:60])
    with pytest.raises(FileContentError, match=r"cut\.zip: got a damaged zip archive"):
        read(folder / "cut.zip")


def test_archive_behind_a_password_is_named(folder):
    path = make_zip(folder / "a.zip", {"a.txt": TEXT})
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1  # says that the member is encrypted
    path.write_bytes(bytes(content))
    with pytest.raises(FileContentError, match=r'a\.zip: got the member "a.txt" behind a password'):
        read(f"{path}!a.txt")


def test_folder_is_no_file(folder):
    with pytest.raises(FileContentError, match=r"data: got a folder.*data/\*"):
        read(folder)


def test_lines_know_their_place_and_lose_their_ends(folder):
    (folder / "a.txt").write_bytes("\ufeffone\r\n\ntwo".encode())
    lines = list(read_lines(folder / "a.txt"))
    assert [(line.number, line.text) for line in lines] == [(1, "one"), (2, ""), (3, "two")]
    assert str(lines[2].error("wrong")) == f"{folder}/a.txt:3: wrong"


def test_undecodable_byte_is_shown_with_its_line(folder):
    (folder / "a.txt").write_bytes("gut\nschön\n".encode("latin-1"))
    with pytest.raises(FileContentError, match=r"a\.txt:2: got byte 0xf6 at position 4"):
        list(read_lines(folder / "a.txt"))


def test_wrong_ending_is_shown_with_the_file(folder):
    (folder / "a.txt.gz").write_text("not compressed")
    with pytest.raises(FileContentError, match=r"a\.txt\.gz:1: .*not compressed in the way"):
        list(read_lines(folder / "a.txt.gz"))


def test_truncated_gzip_is_shown_with_the_file(folder):
    (folder / "a.txt.gz").write_bytes(gzip.compress((TEXT * 100).encode())[:-12])
    with pytest.raises(FileContentError, match=r"a\.txt\.gz:\d+: the file cannot be read on"):
        list(read_lines(folder / "a.txt.gz"))
