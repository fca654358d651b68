"""A process that does nothing but evaluate Jsonnet, so that it can be stopped. It imports nothing of this project.

Each request is a line of JSON, and so is each answer. What a file imports is asked of the other side:

    {"source": ..., "snippet": ..., ...}  ->
                                          <-  {"import": [folder, name]}
    {"path": ..., "content": ...}         ->
                                          <-  {"result": ...}  or  {"error": ...}
"""

import json
import sys
from typing import Any

LONGEST_RESULT = 10**7
"""Characters of JSON."""


def main(folder: str, max_bytes: int) -> None:
    """Answer requests until there are no more.

    Args:
        folder: Where the module of Jsonnet lies.
        max_bytes: Memory that the process may take.
    """
    _bound_memory(max_bytes)
    sys.path.insert(0, folder)
    import _jsonnet

    for line in sys.stdin:
        try:
            request = json.loads(line)
            source, snippet = request.pop("source"), request.pop("snippet")
            result = _jsonnet.evaluate_snippet(source, snippet, import_callback=_imported, **request)
        except (RuntimeError, ValueError) as error:  # the second: half of a surrogate pair
            _say({"error": str(error)})
            continue
        too_long = len(result) > LONGEST_RESULT
        _say({"error": f"evaluates to more than {LONGEST_RESULT:,} characters"} if too_long else {"result": result})


def _imported(folder: str, name: str) -> tuple[str, bytes]:
    _say({"import": [folder, name]})
    answer = json.loads(sys.stdin.readline())
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["path"], answer["content"].encode()


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _bound_memory(max_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such bounds
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (max_bytes if hard < 0 else min(max_bytes, hard), hard))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
