"""What somebody sees and types who is at a terminal of a container."""

import os
import pty
import subprocess

from docker_nodes import wait_until


class Terminal:
    """A command of docker's at a terminal, such as `attach` or `exec --interactive --tty`."""

    def __init__(self, harbour, *words):
        ours, theirs = pty.openpty()
        environment = os.environ | {"DOCKER_HOST": harbour.engines.containers, "TERM": "dumb"}
        self._process = subprocess.Popen(["docker", *words], stdin=theirs, stdout=theirs,
                                         stderr=theirs, env=environment)
        os.close(theirs)
        self._ours = ours
        os.set_blocking(ours, False)
        self.text = ""

    def type(self, line):
        os.write(self._ours, line.encode() + b"\r")

    def wait_for(self, text):
        try:
            wait_until(lambda: text in self._look(), f"the terminal shows {text!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows {self.text!r}") from None

    def _look(self):
        try:
            self.text += os.read(self._ours, 65536).decode(errors="replace")
        except BlockingIOError:
            pass
        return self.text

    def end(self):
        self._process.kill()
        self._process.wait()
        os.close(self._ours)
