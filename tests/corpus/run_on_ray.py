"""A program for the tests: embeds a corpus on a local Ray cluster of two actors, one of which is killed.

python run_on_ray.py MODEL INPUT OUTPUT
"""

import json
import os
import signal
import sys
from pathlib import Path

from foldformer.corpus import DocumentEmbedder, Input, InputOptions, Keys, RayOptions, RunOptions, embed_corpus


class KillsAnActor:
    """A monitor that kills the processes of one actor when it hears of the first part."""

    def __init__(self) -> None:
        self.killed = 0

    def resumed(self, parts, damaged):
        pass

    def document(self, document, fraction):
        pass

    def part(self, part, fraction):
        if self.killed:
            return
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and is_own_actor(folder):
                os.kill(int(folder.name), signal.SIGKILL)
                self.killed += 1
                return


def is_own_actor(folder: Path) -> bool:
    """Whether a process is an actor of this program's cluster: other clusters may run on the same machine."""
    try:
        title = (folder / "cmdline").read_bytes()
        environment = (folder / "environ").read_bytes()
    except OSError:  # it has ended, or is somebody else's
        return False
    return title.startswith(b"ray::MapWorker") and os.environ["RAY_TMPDIR"].encode() in environment


def main() -> None:
    model, source, output = sys.argv[1:]
    documents = Input([source], InputOptions(keys=Keys(id="name")))
    on_ray = RayOptions({"model_name": model, "max_length": 16}, num_actors=2)
    monitor = KillsAnActor()
    embedder = DocumentEmbedder.from_model(model, max_length=16)
    summary = embed_corpus(documents, output, embedder, RunOptions("float32", 7, ray=on_ray), monitor)
    print(json.dumps({"killed": monitor.killed, "made": summary.num_made}))


if __name__ == "__main__":
    main()
