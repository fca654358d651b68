"""A program for the tests: embeds a corpus from a server to a store on a Ray cluster of two nodes, one of which dies.

    python run_on_two_nodes.py MODEL INPUT_URL OUTPUT_URL FOLDER

Each node has a folder of its own and an address of its own on loopback; nothing passes between them but what Ray sends,
and the store. What it prints is JSON.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from foldformer.corpus import DocumentEmbedder, Input, InputOptions, Keys, RayOptions, RunOptions, embed_corpus
from foldformer.corpus.runs.monitor import Quiet

MARK = "FOLDFORMER_TEST_NODE"
NODE_BYTES = 100 * 2**20
"""Of each node's object store."""


def start_node(folder: Path, *arguments: str) -> None:
    """Start a node with one processor, in a folder of its own; its processes carry the folder's name."""
    folder.mkdir()
    options = ["--num-cpus", "1", "--object-store-memory", str(NODE_BYTES)]
    ray = str(Path(sys.executable).with_name("ray"))
    environment = {**os.environ, MARK: str(folder), "RAY_DISABLE_IMPORT_WARNING": "1"}
    command = [ray, "start", *options, "--temp-dir", str(folder), "--disable-usage-stats", *arguments]
    started = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert started.returncode == 0, started.stdout + started.stderr


def kill_node(folder: Path) -> int:
    """Kill all processes of a node; how many they were."""
    mark = f"{MARK}={folder}".encode()
    killed = 0
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and mark in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)
                killed += 1
        except OSError:  # it has ended, or is somebody else's
            continue
    return killed


class KillsANode(Quiet):
    """A monitor that kills a node when it hears of the second part."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.killed, self.parts = folder, 0, 0

    def part(self, part, fraction):
        self.parts += 1
        if self.parts == 2:
            self.killed = kill_node(self.folder)


def main() -> None:
    model, source, output, folder = sys.argv[1:]
    nodes = [Path(folder, "a"), Path(folder, "b")]
    try:
        start_node(nodes[0], "--head", "--port", "0", "--include-dashboard", "false")
        address = (nodes[0] / "ray_current_cluster").read_text().strip()
        start_node(nodes[1], "--address", address, "--node-ip-address", "127.0.0.2")
        on_ray = RayOptions({"model_name": model, "max_length": 16}, address=address, num_actors=2)
        monitor = KillsANode(nodes[1])
        embedder = DocumentEmbedder.from_model(model, max_length=16)
        documents = Input([source], InputOptions(keys=Keys(id="name")))
        begin = time.monotonic()
        summary = embed_corpus(documents, output, embedder, RunOptions("float32", 2, ray=on_ray), monitor)
        seconds = time.monotonic() - begin
        print(json.dumps({"killed": monitor.killed, "made": summary.num_made, "seconds": seconds}))
    finally:
        for node in nodes:
            kill_node(node)


if __name__ == "__main__":
    main()
