"""Object stores on this machine for the tests: moto, and a proxy that makes faults."""

import http.client
import os
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BUCKET = "bucket"


def environment(endpoint: str) -> dict[str, str]:
    """Variables that lead a client to a store on this machine."""
    return {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
    }


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def serving(command: list[str], port: int) -> Iterator[str]:
    """A server that runs meanwhile; gives its address."""
    endpoint = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(endpoint)
        yield endpoint
    finally:
        server.terminate()
        server.wait()


def wait_for(endpoint: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(endpoint).close()
            return
        except urllib.error.HTTPError:  # it answers
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(endpoint)


@contextmanager
def moto() -> Iterator[str]:
    """A store that knows conditional writes, with an empty bucket; gives its address."""
    port = free_port()
    with serving([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port) as endpoint:
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{BUCKET}", method="PUT")).close()
        yield endpoint


@contextmanager
def s3rver(program: Path, folder: Path) -> Iterator[str]:
    """A store that ignores conditions, with an empty bucket; gives its address."""
    port = free_port()
    command = [str(program), "-d", str(folder), "-a", "127.0.0.1", "-p", str(port), "--configure-bucket", BUCKET]
    with serving(command, port) as endpoint:
        yield endpoint


class Faults:
    """What a proxy does to requests.

    Args:
        every: One of so many requests, on average, gets a fault; 0 is none.
        kinds: Statuses to answer, "slow" to wait, and "lost" to pass the request on and lose the answer.
        strip_conditions: Leave out If-Match and If-None-Match, as stores do that do not know them.
        forbid_after: Refuse all requests after so many, as when credentials expire.
        forbidden: Status and code of the refusals.
    """

    def __init__(
        self,
        every=0,
        kinds=(500, 503, "slow", "lost"),
        strip_conditions=False,
        forbid_after=None,
        forbidden=(403, "ExpiredToken"),
    ) -> None:
        self.every, self.kinds, self.strip_conditions, self.forbid_after = every, kinds, strip_conditions, forbid_after
        self.forbidden = forbidden
        self.count = self.made = self.bytes_read = 0
        self.generator = random.Random(0)
        self.lock = threading.Lock()

    def next(self):
        with self.lock:
            self.count += 1
            if self.forbid_after is not None and self.count > self.forbid_after:
                return self.forbidden
            if self.every and self.generator.randrange(self.every) == 0:
                self.made += 1
                return self.generator.choice(self.kinds)
        return None


@contextmanager
def proxy(endpoint: str, faults: Faults) -> Iterator[str]:
    """A proxy on loopback between a client and a store; gives its address."""
    target = endpoint.removeprefix("http://")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fault = faults.next()
            if isinstance(fault, (int, tuple)):
                status, code = fault if isinstance(fault, tuple) else (fault, "InternalError")
                self.answer(status, [], f"<Error><Code>{code}</Code></Error>".encode())
                return
            if fault == "slow":
                time.sleep(0.3)
            headers = {key: value for key, value in self.headers.items() if key.lower() != "connection"}
            if faults.strip_conditions:
                headers = {key: value for key, value in headers.items() if not key.lower().startswith("if-")}
            connection = http.client.HTTPConnection(target)
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            content = response.read()
            faults.bytes_read += len(content) if self.command == "GET" else 0
            if fault == "lost":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.answer(response.status, response.getheaders(), content)
            connection.close()

        def answer(self, status, headers, content):
            self.send_response_only(status)
            for key, value in headers:
                if key.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(key, value)
            length = next((value for key, value in headers if key.lower() == "content-length"), None)
            self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    with answering(Handler) as address:
        yield address


@contextmanager
def files_of(folder: Path) -> Iterator[str]:
    """A server of the files in a folder; gives its address."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_):
            pass

    with answering(Handler) as address:
        yield address


@contextmanager
def answering(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server in a thread of this process; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def use(monkeypatch, endpoint: str) -> None:
    """Lead the clients of this process to a store."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in environment(endpoint).items():
        monkeypatch.setenv(name, value)
