"""Documents that are followed as they stand: their files, their commands, and what these print."""

import queue
import re
import shlex
import subprocess
import threading
import time

import needs
from documents import section, text_of

MARK = "--- done ---"


def commands_of(block):
    """[(command, what it prints)] of a block of a session."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)


def sessions(document):
    """Those of all blocks of a document, in their order."""
    blocks = re.findall(r"^```console\n(.*?)^```$", text_of(document), re.MULTILINE | re.DOTALL)
    return [asked for block in blocks for asked in commands_of(block)]


def steps(document, title):
    """What a section has its readers type, as sessions() has it. A file, which has its name in its
    first line, is typed too.
    """
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```$", section(document, title),
                                  re.MULTILINE | re.DOTALL):
        named = re.match(r"# (\S+)\n", block)
        if kind == "console":
            yield from commands_of(block)
        elif named:
            yield written(named[1], block), ""
        else:
            raise AssertionError(f"{title}: which file is this?\n{block}")


def written(name, text):
    """The command that writes a file."""
    return f"mkdir -p \"$(dirname {name})\" && printf %s {shlex.quote(text)} >{name}"


def pattern_of(printed):
    """… stands for anything in its line, and alone in a line for all that follows."""
    if printed == "…\n":
        return r"[\s\S]*"
    if printed.endswith("\n…\n"):
        return pattern_of(printed[:-2]) + r"[\s\S]*"
    text = ".*".join(re.escape(part) for part in printed.split("…"))
    return re.sub(r"(\\ )+", " +", text)


class Shell:
    """A shell to type into; a context manager, with whose end all that it started ends."""

    def __init__(self, folder, environment, patience):
        self.patience = patience
        self._shell = subprocess.Popen(
            [needs.program("setpriv"), "--pdeathsig", "KILL", needs.program("unshare"), "--pid",
             "--fork", "--kill-child", "--mount-proc", "bash"],
            cwd=folder, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._shell.stdout:
            self._lines.put(line)

    def type(self, command):
        """What a command prints; one in the background prints nothing."""
        self._shell.stdin.write(f"{command}\necho '{MARK}'\n")
        self._shell.stdin.flush()
        printed = []
        while True:
            try:
                line = self._lines.get(timeout=self.patience)
            except queue.Empty:
                raise AssertionError(f"{command} does not end: {''.join(printed)}") from None
            if line.endswith(f"{MARK}\n"):
                return "".join(printed) + line[:-len(MARK) - 1]
            printed.append(line)

    def check(self, command, printed):
        """As somebody who types slowly: what was started may need a moment."""
        deadline = time.monotonic() + self.patience
        while not re.fullmatch(pattern_of(printed), said := self.type(command)):
            if time.monotonic() > deadline:
                raise AssertionError(f"{command} printed:\n{said}\nand not:\n{printed}")
            time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._shell.kill()
        self._shell.wait()
        self._shell.stdin.close()
        self._shell.stdout.close()
