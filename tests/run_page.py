"""Run every snippet of one Markdown page, in the current folder: `python run_page.py PAGE`.

The convention for pages (README.md and docs/*.md):

- A `python` block is executed. All of them, in order, share one namespace, as if they were one program. A block of
  `>>>` lines is compared with its output, as doctest does, with `...` as wildcard.
- `<!-- file: NAME -->` on the line before a block writes the block to that file instead, whatever its language:
  experiment files, data, a package for `--include-package`.
- `<!-- output -->` on the line before a block says that this is what the `python` block before it printed.
- A `jsonnet` or `json` block without such a comment must evaluate.
- In a `console` block, lines that start with `$ foldformer` are run (`$ NAME=value foldformer ...` too; a backslash
  continues the line). Lines below one are its output, standard error included. A line `...` stands for any lines,
  `...` inside a line for any text. Without such lines the command must succeed. Other commands are not run.
- `<!-- not run: REASON -->` on the line before a block leaves it alone: for what needs the network or a GPU.
- `<!-- needs: MODULE -->` on the line before a `python` block leaves it alone where that is not installed.
- Blocks of other languages, and of none, are text.

Everything of a page happens in one folder that starts empty, except that a page that mentions `tiny-bert` finds a
folder of that name in it: a tiny random BERT with its tokenizer, which stands for a model of the hub.
"""

import contextlib
import doctest
import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

_BLOCK = re.compile(
    r"(?:^[ ]*<!--[ ]*(?P<directive>.+?)[ ]*-->[ ]*\n)?"
    r"^(?P<indent>[ ]*)(?P<fence>`{3,})(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=indent)(?P=fence)[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_ASSIGNMENT = re.compile(r"^\w+=")


class SnippetError(Exception):
    """A snippet that does not do what its page says."""


@dataclass(frozen=True)
class Snippet:
    """A fenced block.

    Args:
        line: Where its text begins.
        language: What stands after the fence.
        directive: The HTML comment on the line before, or an empty string.
        text: What is in it.
    """

    line: int
    language: str
    directive: str
    text: str


@dataclass
class Session:
    """What the snippets of a page share.

    Args:
        page: The page, for errors.
        namespace: The names that its Python blocks have defined.
        printed: What the latest Python block printed.
    """

    page: Path
    namespace: dict[str, object] = field(default_factory=lambda: {"__name__": "page"})
    printed: str = ""

    def run(self, snippet: Snippet) -> None:
        """Do with a snippet what the convention says."""
        kind, _, name = (part.strip() for part in snippet.directive.partition(":"))
        if kind == "needs" and find_spec(name) is None:
            return
        if kind == "not run":
            if not name:
                raise SnippetError("say why it is not run: <!-- not run: REASON -->")
        elif kind == "file":
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(snippet.text, encoding="utf-8")
        elif kind == "output":
            require_equal(snippet.text, self.printed)
        elif snippet.language == "python":
            self._run_python(snippet)
        elif snippet.language in ("jsonnet", "json"):
            self._evaluate(snippet)
        elif snippet.language == "console":
            for command, expected in commands_in(snippet.text):
                run_command(command, expected)

    def _run_python(self, snippet: Snippet) -> None:
        printed = io.StringIO()
        if snippet.text.lstrip().startswith(">>>"):
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE, verbose=False)
            test = doctest.DocTestParser().get_doctest(snippet.text, {}, str(self.page), str(self.page), snippet.line)
            test.globs = self.namespace
            if runner.run(test, out=printed.write, clear_globs=False).failed:
                raise SnippetError(printed.getvalue())
            return
        # The right line numbers in tracebacks: as many empty lines before as the page has.
        code = compile("\n" * (snippet.line - 1) + snippet.text, str(self.page), "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, self.namespace)
        self.printed = printed.getvalue()

    def _evaluate(self, snippet: Snippet) -> None:
        from foldformer.config.read import read_text

        read_text(snippet.text, source=str(self.page))


def snippets_of(text: str) -> Iterator[Snippet]:
    """The fenced blocks of a page, in order."""
    for match in _BLOCK.finditer(text):
        indent = len(match["indent"])
        lines = [line[indent:] if line[:indent].isspace() else line for line in match["text"].splitlines(keepends=True)]
        line = text.count("\n", 0, match.start("text")) + 1
        yield Snippet(line, match["language"], match["directive"] or "", "".join(lines))


def commands_in(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output that stands below it."""
    for part in re.split(r"^\$ ", text.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def run_command(command: str, expected: str) -> None:
    """Run a `foldformer` command in this process and compare its output; leave other commands alone."""
    words = shlex.split(command, comments=True)
    environment = {}
    while words and _ASSIGNMENT.match(words[0]):
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    if not words or words[0] != "foldformer":
        return
    from foldformer.commands import app

    printed, before = io.StringIO(), dict(os.environ)
    os.environ.update(environment)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            app(words[1:], prog_name="foldformer")
        status: object = 0
    except SystemExit as stop:
        status = stop.code
    finally:
        os.environ.clear()
        os.environ.update(before)
    if expected.strip():
        require_equal(expected, printed.getvalue())
    elif status:
        raise SnippetError(f"`{command}` ended with status {status}:\n{printed.getvalue()}")


def require_equal(expected: str, printed: str) -> None:
    """Compare what a page shows with what was printed; `...` stands for anything."""
    wanted, got = _tidy(expected), _tidy(printed)
    pattern = re.escape(wanted + "\n").replace(re.escape("\n...\n"), r"\n(?:.*\n)*?")
    if wanted.startswith("...\n"):
        pattern = r"(?:.*\n)*?" + re.escape((wanted + "\n")[4:]).replace(re.escape("\n...\n"), r"\n(?:.*\n)*?")
    pattern = pattern.replace(re.escape("..."), ".*?")
    if not re.fullmatch(pattern, got + "\n"):
        raise SnippetError(f"the page shows\n{wanted}\n\nbut this was printed\n{got}")


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n")


def main(page: Path) -> int:
    """Run a page; gives the exit status."""
    # In place of this file's folder, whose embedders/ and indexers/ would hide the packages of these names.
    sys.path[0] = str(Path.cwd())
    session = Session(page)
    for snippet in snippets_of(page.read_text(encoding="utf-8")):
        try:
            session.run(snippet)
        except SnippetError as error:
            print(f"{page}:{snippet.line}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
