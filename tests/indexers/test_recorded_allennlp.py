import os
import subprocess
import sys

KINDS = (
    *("special_tokens", "tokenize", "intra_word", "intra_word_pair", "add_special_tokens", "vocabulary"),
    *("indexer", "indexer_empty", "mismatched_indexer", "mismatched_indexer_empty"),
)

# The replay changes settings of the whole process (logging, threads, folder), so it runs in one of its own.
REPLAY = """
import sys
_, parity, *kinds = sys.argv
sys.path.insert(0, parity)
import check_goldens

replay = check_goldens.Replay.run
tensors_of = ("embedder", "mismatched_embedder", "gradients", "mismatched_gradients")

def run(self, record):
    if record["kind"] in tensors_of:
        self._tensors(record, record["kind"].startswith("mismatched"))
        return "ok"
    return replay(self, record) if record["kind"] in kinds else "free"

check_goldens.Replay.run = run
sys.argv = ["check_goldens.py", parity + "/goldens", "--no-archives"]
check_goldens.main()
"""


def test_tokenizers_indexers_and_padded_tensors_are_those_recorded_from_allennlp(shared_folder):
    parity = shared_folder / "parity"
    command = [sys.executable, "-c", REPLAY, str(parity), *KINDS]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    finished = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr[-3000:]
    passed = int(finished.stdout.split(" passed, 0 failed")[0].rsplit(maxsplit=1)[-1])
    assert passed > 600
