"""Archives made to harm: each is refused in one line, and nothing is written."""

import gzip
import io
import stat
import tarfile
import zipfile

import pytest

from foldformer.text.archives import FileContentError, extract_archive, is_archive, list_members
from foldformer.text.extraction_limits import ExtractionLimits
from foldformer.text.vocabulary import Vocabulary


def tar_of(*members, mode="w:gz", form=tarfile.PAX_FORMAT):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=form) as archive:
        for name, content, attributes in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in attributes.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def with_size(field):
    """A plain tar of one member whose header gives this as its size, under a right checksum."""
    header = bytearray(tarfile.TarInfo("a.txt").tobuf())
    header[124:136] = field
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(1024)


@pytest.fixture
def refused(tmp_path):
    def check(content, match, name="evil.tar.gz"):
        archive = tmp_path / name
        archive.write_bytes(content)
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(FileContentError, match=match) as caught:
            extract_archive(archive, tmp_path / "out")
        assert "\n" not in str(caught.value)
        assert sorted(tmp_path.rglob("*")) == before

    return check


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"S", b"Z"]
)
def test_what_is_no_file_or_folder_is_refused_wherever_it_points(refused, kind):
    first = ("good.txt", b"x", {})
    refused(tar_of(first, ("inside", b"", {"type": kind, "linkname": "good.txt"})), "may be hostile")


@pytest.mark.parametrize("name", ["a\nb", "a/../../b", "/a", "C:\\a", "a\\..\\..\\b", "a/" * 100 + "b", "n" * 300])
def test_names_are_checked_as_text(refused, name):
    refused(tar_of((name, b"x", {})), "may be hostile")


@pytest.mark.parametrize("field", [b"\xff" * 11 + b"\xf0", b"-0000000010\0", b"9999999999a\0"])
def test_negative_and_nonsense_sizes_end_at_once(refused, field):
    refused(with_size(field), "a member's size is", "evil.tar")


def test_negative_size_of_an_extended_header_ends_at_once(refused):
    refused(tar_of(("a.txt", b"x", {"pax_headers": {"size": "-512"}})), "a member's size is")


def test_size_that_no_archive_has_is_not_believed(refused):
    refused(with_size(b"\x80" + b"\x7f" * 11), "GB in it", "evil.tar")


def test_bomb_is_stopped_before_it_is_written(refused, monkeypatch):
    monkeypatch.setattr("foldformer.text.extraction_limits._UNCHECKED_BYTES", 10**5)
    refused(gzip.compress(tar_of(("zeros", bytes(10**7), {}), mode="w")), "250 times its own size")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(10**7))
    refused(buffer.getvalue(), "250 times its own size", "evil.zip")


def test_total_size_is_an_option(refused, tmp_path, monkeypatch):
    archive = tar_of(("a", bytes(10**6), {}))
    monkeypatch.setenv("FOLDFORMER_MAX_EXTRACTED_GB", "0.0005")
    refused(archive, "FOLDFORMER_MAX_EXTRACTED_GB")
    monkeypatch.setenv("FOLDFORMER_MAX_EXTRACTED_GB", "1")
    extract_archive(tmp_path / "evil.tar.gz", tmp_path / "out")
    assert (tmp_path / "out" / "a").stat().st_size == 10**6


def test_as_much_as_is_allowed_is_taken(tmp_path):
    limits = ExtractionLimits(tmp_path / "a.tar", 10, "the default")
    limits.count_bytes(4)
    limits.count_bytes(6)
    with pytest.raises(FileContentError, match="the default"):
        limits.count_bytes(1)


def test_number_of_members_is_bounded(refused, monkeypatch):
    monkeypatch.setattr("foldformer.text.extraction_limits._MEMBERS", 10)
    refused(tar_of(*((f"{i}", b"", {}) for i in range(11))), "more than 10 members")


def test_link_in_a_zip_is_refused(refused):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("link")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    refused(buffer.getvalue(), "may be hostile", "evil.zip")


def test_file_where_a_folder_is_and_the_other_way_round_are_refused(refused):
    refused(tar_of(("a", b"x", {}), ("a/b", b"x", {})), "may be hostile")
    refused(tar_of(("a/b", b"x", {}), ("a", b"x", {})), "may be hostile")


def test_damage_in_the_middle_is_refused(refused):
    whole = tar_of(("a", bytes(range(256)) * 4000, {}))
    refused(whole[: len(whole) // 2], "damaged file")
    refused(tar_of(("a", b"x" * 2000, {}), mode="w")[:1000], "damaged file", "evil.tar")


def test_vocabulary_of_a_hostile_archive_is_refused(tmp_path):
    (tmp_path / "v.tar.gz").write_bytes(tar_of(("a.txt", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"})))
    with pytest.raises(FileContentError, match="may be hostile"):
        Vocabulary.from_files(tmp_path / "v.tar.gz")


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_honest_archives_of_every_format_come_out_whole(tmp_path, mode, form):
    long = "/".join(["folder" * 5] * 4) + "/long.txt"
    contents = {long: b"long", "a.txt": bytes(range(256)) * 20, "empty": b"", "b/" + "c" * 90: b"x" * 512}
    if form != tarfile.USTAR_FORMAT:
        contents |= {"ü/" + "ä" * 110: b"umlaut"}
    folder = ("b", b"", {"type": tarfile.DIRTYPE})
    (tmp_path / "a").write_bytes(tar_of(folder, *((n, c, {}) for n, c in contents.items()), mode=mode, form=form))
    assert is_archive(tmp_path / "a")
    assert list_members(tmp_path / "a") == list(contents)
    extract_archive(tmp_path / "a", tmp_path / "out")
    found = {p.relative_to(tmp_path / "out").as_posix(): p.read_bytes() for p in (tmp_path / "out").rglob("*")
             if p.is_file()}  # fmt: skip
    assert found == contents
