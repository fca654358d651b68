"""Chromium without a window for the tests, driven through a pipe."""

import fcntl
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--window-size=1300,1400")


@contextmanager
def browsing(page: Path) -> Iterator["Browser"]:
    """A browser that shows a page."""
    with ExitStack() as stack:
        profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (*os.pipe(), *os.pipe())]
        reads, to_browser, from_browser, writes = ends
        quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
        # the browser reads from 3 and writes to 4
        files = [*quiet, (os.POSIX_SPAWN_DUP2, reads, 3), (os.POSIX_SPAWN_DUP2, writes, 4)]
        arguments = [PROGRAM, *ARGUMENTS, f"--user-data-dir={profile}", "about:blank"]
        process = os.posix_spawn(PROGRAM, arguments, os.environ, file_actions=files)
        stack.callback(os.waitpid, process, 0)
        stack.callback(os.kill, process, signal.SIGKILL)
        for end in (reads, writes):
            os.close(end)
        stack.callback(os.close, to_browser)
        yield Browser(page, to_browser, stack.enter_context(os.fdopen(from_browser, "rb")))


class Browser:
    """One page.

    Args:
        page: The file to open.
        to_browser: Where messages to the browser go.
        from_browser: Where its own come from.
    """

    def __init__(self, page: Path, to_browser: int, from_browser: BinaryIO) -> None:
        self._page, self._to_browser, self._incoming = page, to_browser, from_browser
        self._count = 0
        self._session = None
        self.problems: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=self._page.as_uri())
        self._wait_for("Page.loadEventFired")

    def call(self, method: str, **parameters: object) -> dict:
        """Call a method of the DevTools protocol."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._count:
                return answer["result"]

    def evaluate(self, script: str):
        """The value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def click(self, selector: str) -> None:
        """Press and release the mouse on an element."""
        self._mouse(selector, "mousePressed", "mouseReleased")

    def point_at(self, selector: str) -> None:
        """Move the mouse onto an element."""
        self._mouse(selector, "mouseMoved")

    def _mouse(self, selector: str, *kinds: str) -> None:
        element = f"document.querySelector({json.dumps(selector)})"
        self.evaluate(f"{element}.scrollIntoView({{block: 'center'}})")
        box = self.evaluate(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({element}.getBoundingClientRect())")
        for kind in kinds:
            parameters = {"type": kind, "x": box[0], "y": box[1], "button": "left", "clickCount": 1}
            self.call("Input.dispatchMouseEvent", **parameters)

    def _wait_for(self, event: str) -> None:
        while self._read().get("method") != event:
            pass

    def _read(self) -> dict:
        message = bytearray()
        while (byte := self._incoming.read(1)) not in (b"\0", b""):
            message += byte
        answer = json.loads(message)
        method, parameters = answer.get("method"), answer.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.problems.append(parameters["exceptionDetails"]["text"])
        elif method == "Log.entryAdded":
            self.problems.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent" and parameters["request"]["url"] != self._page.as_uri():
            self.problems.append(parameters["request"]["url"])
        elif method == "Page.javascriptDialogOpening":
            self.problems.append(parameters["message"])
        return answer
