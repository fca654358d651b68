"""Record what AllenNLP 2.10.1 makes of counts and files: run with a Python that has it, from this folder."""

import json
import tempfile
from pathlib import Path

COUNTS = {
    "tokens": {"the": 5, "fold": 3, "a": 3, "stitch": 1, "rare\nline": 1, "@@UNKNOWN@@": 2},
    "labels": {"N": 4, "V": 4, "X": 1},
    "char_tags": {"b": 1, "a": 2},
}
VECTORS = "a 1 2\nfold 1 2\nunseen 1 2\nnovector\nlast 1 2\n"
CASES = [
    {},
    {"min_count": {"tokens": 3}},
    {"min_count": {"tokens": 3, "labels": 2}, "tokens_to_add": {"tokens": ["added", "the"], "new": ["first"]}},
    {"max_vocab_size": 2},
    {"max_vocab_size": {"tokens": 3}},
    {"non_padded_namespaces": ["tokens"]},
    {"non_padded_namespaces": ["*s"]},
    {"padding_token": "[PAD]", "oov_token": "[UNK]"},
    {"pretrained_files": {"tokens": "vectors.txt"}, "min_count": {"tokens": 4}},
    {"pretrained_files": {"tokens": "vectors.txt"}, "min_count": {"tokens": 4}, "only_include_pretrained_words": True},
    {"pretrained_files": {"tokens": "vectors.txt"}, "only_include_pretrained_words": True},
    {"pretrained_files": {"tokens": "vectors.txt"}, "min_pretrained_embeddings": {"tokens": 3}},
    {"pretrained_files": {"tokens": "vectors.txt"}, "min_pretrained_embeddings": {"tokens": -1},
     "tokens_to_add": {"tokens": ["added"]}},
]  # fmt: skip


def record() -> list[dict[str, object]]:
    from allennlp.data import Vocabulary

    records = []
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            vectors = Path(folder) / "vectors.txt"
            vectors.write_text(VECTORS)
            arguments = dict(case)
            if "pretrained_files" in case:
                arguments["pretrained_files"] = {"tokens": str(vectors)}
            vocab = Vocabulary(counter=json.loads(json.dumps(COUNTS)), **json.loads(json.dumps(arguments)))
            vocab.save_to_files(f"{folder}/saved")
            names = sorted(vocab.get_namespaces())
            records.append({
                "arguments": case,
                "tokens": {name: dict(vocab.get_token_to_index_vocabulary(name)) for name in names},
                "files": {path.name: path.read_text() for path in sorted(Path(folder, "saved").glob("*.txt"))},
            })  # fmt: skip
    return records


if __name__ == "__main__":
    content = {"counts": COUNTS, "vectors": VECTORS, "records": record()}
    Path(__file__).with_name("recorded_vocabulary.json").write_text(json.dumps(content, indent=1) + "\n")
