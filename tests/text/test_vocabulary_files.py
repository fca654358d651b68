import io
import stat
import tarfile
import threading

import pytest
from filelock import FileLock

from foldformer.config import ConfigurationError
from foldformer.text import Vocabulary

TOKENS = ["a", "two\nlines", "ends in\r", "in\rside", "\u2028", "\x85", " ", "", "tab\t", "@@UNKNOWN@@"]


def _tar(path, members):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def _saved(tmp_path, tokens=TOKENS):
    vocab = Vocabulary(tokens_to_add={"tokens": tokens, "labels": ["N", "V"]})
    vocab.save_to_files(tmp_path / "vocabulary")
    return vocab


def test_every_token_survives_writing_and_reading(tmp_path):
    vocab = _saved(tmp_path)
    loaded = Vocabulary.from_files(tmp_path / "vocabulary")
    assert loaded == vocab
    assert [loaded.get_token_index(token) for token in TOKENS] == [vocab.get_token_index(token) for token in TOKENS]


@pytest.mark.parametrize("prefix", ["vocabulary/", "./vocabulary/", "", "./"])
def test_archives_hold_a_vocabulary_at_the_top_or_in_its_folder(tmp_path, prefix):
    vocab = _saved(tmp_path)
    files = {f"{prefix}{path.name}": path.read_bytes() for path in (tmp_path / "vocabulary").glob("*.txt")}
    _tar(tmp_path / "model.tar.gz", {"config.json": b"{}", f"{prefix}.lock": b"", **files})
    assert Vocabulary.from_files(tmp_path / "model.tar.gz") == vocab


def test_nothing_of_an_archive_reaches_the_disk(tmp_path):
    _saved(tmp_path)
    files = {f"vocabulary/{path.name}": path.read_bytes() for path in (tmp_path / "vocabulary").glob("*.txt")}
    (tmp_path / "inner").mkdir()
    _tar(tmp_path / "inner" / "model.tar.gz", {"../escaped.txt": b"x", **files})
    Vocabulary.from_files(tmp_path / "inner" / "model.tar.gz")
    assert not (tmp_path / "escaped.txt").exists()


def test_an_archive_of_allennlp_loads(shared_folder):
    vocab = Vocabulary.from_files(shared_folder / "parity/archives/bert_classifier/model.tar.gz")
    assert vocab.get_token_to_index_vocabulary("labels") == {"pos": 0, "neg": 1}
    assert not vocab.is_padded("labels")


def test_files_with_windows_line_ends_and_without_a_last_one_load(tmp_path):
    (tmp_path / "non_padded_namespaces.txt").write_bytes(b"*labels\r\n")
    (tmp_path / "labels.txt").write_bytes(b"N\r\nV")
    (tmp_path / "tokens.txt").write_bytes(b"@@UNKNOWN@@\r\na\r\n")
    vocab = Vocabulary.from_files(tmp_path)
    assert vocab.get_token_to_index_vocabulary("labels") == {"N": 0, "V": 1}
    assert vocab.get_token_to_index_vocabulary() == {"@@PADDING@@": 0, "@@UNKNOWN@@": 1, "a": 2}


def test_holes_between_a_transformers_ids_keep_their_lines(tmp_path):
    vocab = Vocabulary()
    vocab.get_index_to_token_vocabulary("tags").update({0: "zero", 3: "three"})
    vocab.get_token_to_index_vocabulary("tags").update({"zero": 0, "three": 3})
    vocab.save_to_files(tmp_path)
    assert Vocabulary.from_files(tmp_path).get_token_index("three", "tags") == 3


def test_set_from_file_renames_the_unknown_token(tmp_path):
    (tmp_path / "words.txt").write_text("<unk>\na\n")
    vocab = Vocabulary()
    vocab.set_from_file(tmp_path / "words.txt", oov_token="<unk>", namespace="words")
    assert vocab.get_token_to_index_vocabulary("words") == {"@@PADDING@@": 0, "@@UNKNOWN@@": 1, "a": 2}


def test_a_padded_file_without_the_unknown_token_is_refused(tmp_path):
    _saved(tmp_path)
    with pytest.raises(ConfigurationError, match=r'tokens\.txt: got 10 tokens without the unknown token.*"<unk>"'):
        Vocabulary.from_files(tmp_path / "vocabulary", oov_token="<unk>")


def test_a_folder_that_is_no_vocabulary_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(ConfigurationError, match=r"holds notes\.txt; expected a vocabulary's files"):
        Vocabulary.from_files(tmp_path)


def test_a_file_that_is_no_archive_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(ConfigurationError, match="a file that is no tar archive"):
        Vocabulary.from_files(tmp_path / "notes.txt")


def test_a_missing_location_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Vocabulary.from_files(tmp_path / "nowhere")


def test_undecodable_bytes_are_named_with_their_file(tmp_path):
    _saved(tmp_path)
    (tmp_path / "vocabulary" / "tokens.txt").write_bytes(b"\xff\n")
    with pytest.raises(ConfigurationError, match=r"tokens\.txt: expected UTF-8"):
        Vocabulary.from_files(tmp_path / "vocabulary")


@pytest.mark.parametrize("namespace", ["a/b", ".hidden"])
def test_a_namespace_that_cannot_be_a_file_name_is_refused(tmp_path, namespace):
    with pytest.raises(ConfigurationError, match=f'got the namespace "{namespace}"'):
        Vocabulary(tokens_to_add={namespace: ["x"]}).save_to_files(tmp_path)


def test_reading_waits_for_a_writer(tmp_path):
    vocab = _saved(tmp_path)
    loaded = []
    reader = threading.Thread(target=lambda: loaded.append(Vocabulary.from_files(tmp_path / "vocabulary")))
    with FileLock(tmp_path / "vocabulary" / ".lock"):
        reader.start()
        reader.join(timeout=0.3)
        assert not loaded
    reader.join(timeout=10)
    assert loaded == [vocab]


def test_a_read_only_folder_loads_without_a_lock(tmp_path, monkeypatch):
    vocab = _saved(tmp_path)

    def refuse(lock):
        raise PermissionError(13, "read-only")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    folder = tmp_path / "vocabulary"
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert Vocabulary.from_files(folder) == vocab
    folder.chmod(stat.S_IRWXU)


def test_word_vectors_may_have_a_header_and_lie_in_archives(tmp_path):
    (tmp_path / "vectors.vec").write_text("2 3\nfold 1 2 3\nlong 1 2 3\n")
    _tar(tmp_path / "vectors.tar.gz", {"a.txt": b"other 1\n", "b.txt": b"fold 1\nlong 1\n"})
    for uri in (str(tmp_path / "vectors.vec"), f"({tmp_path / 'vectors.tar.gz'})#b.txt"):
        vocab = Vocabulary(
            {"tokens": {"fold": 1}}, pretrained_files={"tokens": uri}, min_pretrained_embeddings={"tokens": -1}
        )
        assert list(vocab.get_token_to_index_vocabulary())[2:] == ["fold", "long"]
