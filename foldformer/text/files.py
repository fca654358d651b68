"""Find files wherever they are: local, by glob, at a URL, in an archive. What comes back lies on the local disk."""

import glob
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from filelock import FileLock

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean
from foldformer.config.trust import refuse_if_restricted
from foldformer.text.archives import FileContentError, is_archive
from foldformer.text.archives import extract_archive as extract_into
from foldformer.text.atomic import atomic, private_folder

_URL = re.compile(r"(?!file://)[a-zA-Z][a-zA-Z0-9+.-]*://.+")
_WEB = re.compile(r"https?://")
_MOST_FOLDERS = 1_000_000


@dataclass(frozen=True)
class LocalFile:
    """A file on the local disk, and what to call it in front of the user.

    Args:
        name: The path, URL or place in an archive as the user would write it.
        path: Where it lies, perhaps in the cache.
    """

    name: str
    path: Path


def cache_folder() -> Path:
    """The folder of downloads and extracted archives: `$FOLDFORMER_CACHE`, else `foldformer` in the user's cache."""
    own = os.environ.get("FOLDFORMER_CACHE")
    shared = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return Path(own).expanduser() if own else shared / "foldformer"


def cached_path(
    url_or_filename: str | os.PathLike[str],
    cache_dir: str | os.PathLike[str] | None = None,
    extract_archive: bool = False,
) -> Path:
    """Find a file or folder on the local disk, downloaded or extracted first where it must be.

    Downloads and extracted archives stay in the cache. A URL is taken to name the same bytes for ever: delete the copy
    in the cache to fetch it again. An archive is extracted anew when it changes. Processes that want the same file wait
    for the first, and an interrupted download or extraction leaves nothing that looks whole.

    Args:
        url_or_filename: A path, a URL of any kind that fsspec reads (http, https, s3, gs, hf, ...), or either of them
            naming an archive, followed by `!` and a file or folder inside it: `https://host/data.zip!train/a.jsonl`.
        cache_dir: The cache; `cache_folder()` by default.
        extract_archive: Extract an archive that stands without `!` too, and give the folder of its members.

    Raises:
        FileNotFoundError: There is no such file, or no such member.
        ConfigurationError: The kind of URL needs a package that is not installed, or is unknown.
        FileContentError: The archive is damaged, or a member of it would leave the extraction folder.
    """
    name = os.fspath(url_or_filename)
    cache = cache_folder() if cache_dir is None else Path(cache_dir)
    local = _local_path(name)
    if local.exists() and not _URL.match(name):
        return _extracted(local, cache) if extract_archive and local.is_file() and is_archive(local) else local
    archive_name, bang, inside = name.rpartition("!")
    if bang:
        member = _member(archive_name, inside, cache)
        is_packed = extract_archive and member.is_file() and is_archive(member)
        return _extracted(member, cache) if is_packed else member
    if _URL.match(name):
        fetched = _download(name, cache)
        return _extracted(fetched, cache) if extract_archive and is_archive(fetched) else fetched
    raise FileNotFoundError(_why_missing(name, local))


def matching_files(pattern: str | os.PathLike[str], cache_dir: str | os.PathLike[str] | None = None) -> list[LocalFile]:
    """Find every file that a path, URL or glob stands for, in the order of their names.

    Globs (`*`, `?`, `[ab]`, `**` for any depth) work in local paths, in URLs (over http only `*`, where the server
    lists its folders) and behind the `!` of an archive. A path that exists as it is written is no glob.

    Args:
        pattern: What to look for; see `cached_path`.
        cache_dir: The cache; `cache_folder()` by default.

    Raises:
        FileNotFoundError: Nothing matches. More as in `cached_path`.
    """
    name = os.fspath(pattern)
    if not _is_glob(name):
        return [LocalFile(name, cached_path(name, cache_dir))]
    archive, bang, inside = name.rpartition("!")
    if bang and not _is_glob(archive):
        folder = cached_path(archive, cache_dir, extract_archive=True)
        if (folder / inside).is_file():
            return [LocalFile(name, folder / inside)]
        found = [LocalFile(f"{archive}!{path.relative_to(folder).as_posix()}", path) for path in _glob(folder, inside)]
    elif _URL.match(name):
        found = [LocalFile(url, cached_path(url, cache_dir)) for url in _glob_remote(name)]
    else:
        found = [LocalFile(str(path), path) for path in _glob(None, str(_local_path(name)))]
    if not found:
        raise FileNotFoundError(
            f'got the glob "{name}"; expected at least one file, but none matches{_seen_from(name)}'
        )
    return found


def _is_glob(name: str) -> bool:
    if not _URL.match(name) and _local_path(name).exists():
        return False
    return "*" in name if _WEB.match(name) and "!" not in name else glob.has_magic(name)


def _local_path(name: str) -> Path:
    return Path(name.removeprefix("file://")).expanduser()


def _glob(folder: Path | None, pattern: str) -> list[Path]:
    if "**" in pattern:
        _check_links(Path(folder or "", *takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts)))
    names = glob.glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute patterns
    return [path for path in (Path(folder or "", name) for name in sorted(names)) if path.is_file()]


def _check_links(folder: Path) -> None:
    """Check that no link below a folder leads back above itself: `**` would follow it again and again.

    Raises:
        FileContentError: One does, or there are more folders than anybody has.
    """
    for number, (path, names, _) in enumerate(os.walk(folder, followlinks=True)):
        for name in names:
            link = Path(path, name)
            if link.is_symlink() and Path(path).resolve().is_relative_to(link.resolve()):
                raise FileContentError(
                    f"{link}: got a link to a folder that it lies in, which ** would follow without end; remove it, or "
                    "name files without **"
                )
        if number >= _MOST_FOLDERS:
            raise FileContentError(
                f"{folder}: got more than {_MOST_FOLDERS:,} folders for **, perhaps by links; name fewer"
            )


def _glob_remote(pattern: str) -> list[str]:
    refuse_if_restricted(f'the URL "{pattern}"')
    import fsspec

    with _kinds_of_url(pattern):
        filesystem, remote = fsspec.url_to_fs(pattern)
        return [filesystem.unstrip_protocol(path) for path in sorted(filesystem.glob(remote))]


def _download(url: str, cache: Path) -> Path:
    refuse_if_restricted(f'the URL "{url}"')
    import fsspec

    basename = re.sub(r"[?#].*", "", url).rstrip("/").rpartition("/")[2]
    # The end of the name stays, because it tells how the file is compressed.
    target = _made(cache, "downloads") / f"{_key(url)}-{basename[-100:]}"
    with FileLock(f"{target}.lock"), _kinds_of_url(url):
        if not target.exists():
            filesystem, remote = fsspec.url_to_fs(url)
            with atomic(target) as part:
                filesystem.get_file(remote, str(part))
    return target


@contextmanager
def _kinds_of_url(url: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(f'got "{url}"; expected a file, but there is none at this address') from error
    except ImportError as error:
        raise ConfigurationError(f'got "{url}"; reading this kind of URL needs one more package: {error}') from error
    except ValueError as error:
        if "Protocol not known" not in str(error):
            raise
        raise ConfigurationError(f'got "{url}"; expected a path or a URL such as https://, s3:// or gs://') from error


def _member(archive_name: str, inside: str, cache: Path) -> Path:
    archive = cached_path(archive_name, cache)
    folder = _extracted(archive, cache)
    member = folder / inside.strip("/")
    if ".." in Path(inside).parts or not member.exists():
        names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
        raise FileNotFoundError(
            f'got "{archive_name}!{inside}"; expected a member of the archive, which holds '
            f"{', '.join(names[:8]) or 'nothing'}{', ...' if len(names) > 8 else ''}{did_you_mean(inside, names)}"
        )
    return member


def _extracted(archive: Path, cache: Path) -> Path:
    state = archive.stat()
    folder = _made(cache, "extracted") / _key(f"{archive.resolve()} {state.st_size} {state.st_mtime_ns}")
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            with atomic(folder) as part:
                extract_into(archive, part)
    return folder


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _made(cache: Path, kind: str) -> Path:
    return private_folder(private_folder(cache, "FOLDFORMER_CACHE") / kind, "FOLDFORMER_CACHE")


def _why_missing(name: str, local: Path) -> str:
    siblings = [path.name for path in local.parent.iterdir()] if local.parent.is_dir() else []
    cause = did_you_mean(local.name, siblings) if local.parent.is_dir() else f"; there is no folder {local.parent}"
    return f'got "{name}"; expected an existing file, a glob or a URL{cause}{_seen_from(name)}'


def _seen_from(name: str) -> str:
    relative = not _URL.match(name) and not _local_path(name).is_absolute()
    return f"; relative paths start from {Path.cwd()}" if relative else ""
