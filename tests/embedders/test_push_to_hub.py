"""Embedders on a hub: huggingface_hub itself talks, to a small server that keeps what it is sent."""

import base64
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import torch
from huggingface_hub import constants

from embedders import PretrainedTransformerEmbedder


class Hub(ThreadingHTTPServer):
    """Answers the four questions of an upload, and writes the files of the commit into a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.folder, self.asked, self.tokens = folder, [], set()


class Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        hub = self.server
        hub.asked.append((self.path, body))
        hub.tokens.add(self.headers.get("Authorization"))
        address = f"http://127.0.0.1:{hub.server_port}/me/folding"
        if self.path == "/api/repos/create":
            return self.give({"url": address, "id": "me/folding"})
        if "/preupload/" in self.path:
            files = [{**each, "uploadMode": "regular", "shouldIgnore": False} for each in json.loads(body)["files"]]
            return self.give({"files": files})
        for line in body.splitlines():
            entry = json.loads(line)
            if entry["key"] == "file":
                content = base64.b64decode(entry["value"]["content"])
                (hub.folder / entry["value"]["path"]).write_bytes(content)
        return self.give({"commitUrl": f"{address}/commit/1", "commitOid": "1", "success": True})

    def do_GET(self):
        self.give({"id": "me/folding", "sha": "0", "siblings": []})

    def give(self, answer):
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


@pytest.fixture
def hub(tmp_path, monkeypatch):
    folder = tmp_path / "hub"
    folder.mkdir()
    server = Hub(folder)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    yield server
    server.shutdown()
    server.server_close()


def test_what_is_pushed_loads_again_with_its_options(tiny_model, hub):
    embedder = PretrainedTransformerEmbedder(tiny_model("bert"), max_length=12, last_layer_only=False).eval()
    with torch.no_grad():
        embedder.scalar_mix.scalar_parameters[0].fill_(2.0)
    address = embedder.push_to_hub("me/folding", private=True, token="hf_secret", message="first")
    assert re.search(r"/me/folding/commit/1$", address)
    created = json.loads(dict(hub.asked)["/api/repos/create"])
    assert (created["name"], created["visibility"]) == ("folding", "private")
    assert hub.tokens == {"Bearer hf_secret"}
    again = PretrainedTransformerEmbedder.from_pretrained(str(hub.folder)).eval()
    ids = torch.tensor([[2, *range(5, 45), 3]])
    with torch.no_grad():
        torch.testing.assert_close(again(ids), embedder(ids))
    assert again.max_length == 12
