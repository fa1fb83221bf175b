"""docs/FIRST_STEPS.md, run as it stands: its commands in a shell, and what they print."""

import os
import pathlib
import queue
import re
import subprocess
import tempfile
import threading
import time
import unittest

import daemons
import needs
import network

DOCUMENT = daemons.CHECKOUT / "docs/FIRST_STEPS.md"
PATIENCE = 20.0
MARK = "--- done ---"


def setUpModule():
    network.enter_private_network()
    daemons.portolan()
    needs.program("erl")
    needs.program("curl")


def sessions():
    """[(command, what it prints)], in the order of the document."""
    blocks = re.findall(r"^```console\n(.*?)^```$", DOCUMENT.read_text("utf-8"),
                        re.MULTILINE | re.DOTALL)
    return [(command, printed) for block in blocks
            for command, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block,
                                               re.MULTILINE)]


def pattern_of(printed):
    """… stands for anything in its line, and alone in a line for all that follows."""
    if printed.endswith("\n…\n"):
        return pattern_of(printed[:-2]) + r"[\s\S]*"
    text = ".*".join(re.escape(part) for part in printed.split("…"))
    return re.sub(r"(\\ )+", " +", text)


class Shell:
    """A shell to type into; a context manager, with whose end all that it started ends."""

    def __init__(self, folder, environment):
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
            line = self._lines.get(timeout=PATIENCE)
            if line.endswith(f"{MARK}\n"):
                return "".join(printed) + line[:-len(MARK) - 1]
            printed.append(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._shell.kill()
        self._shell.wait()
        self._shell.stdin.close()
        self._shell.stdout.close()


class FirstSteps(unittest.TestCase):
    def test_each_command_prints_what_is_shown(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        tools = folder / "bin"
        tools.mkdir()
        for name in ("portolan", "epmd"):
            (tools / name).symlink_to(daemons.portolan())
        environment = daemons.clean_environment(
            {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(folder)})
        asked = sessions()
        self.assertGreater(len(asked), 10)
        with Shell(folder, environment) as shell:
            for command, printed in asked:
                with self.subTest(command):
                    self.check(shell, command, printed)

    def check(self, shell, command, printed):
        """As somebody who types slowly: what was started may need a moment."""
        deadline = time.monotonic() + PATIENCE
        while not re.fullmatch(pattern_of(printed), said := shell.type(command)):
            self.assertLess(time.monotonic(), deadline, f"{command} printed:\n{said}")
            time.sleep(0.1)


if __name__ == "__main__":
    unittest.main()
