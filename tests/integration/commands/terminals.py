"""Commands at a terminal of their own."""

import contextlib
import os
import pty
import re
import select
import signal

import daemons
from daemons import wait_until


class Terminal:
    """A command that is the first of a session at a terminal of its own; a context manager."""

    def __init__(self, *command, environment=None):
        command = [str(word) for word in command]
        environment = daemons.clean_environment({"TERM": "xterm"} | (environment or {}))
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            with contextlib.suppress(OSError):
                os.execvpe(command[0], command, environment)
            os._exit(125)
        self._said = b""
        self._status = None

    def said(self):
        """All so far, without what only moves the cursor about."""
        with contextlib.suppress(OSError):  # when the last one has closed it
            while select.select([self._descriptor], [], [], 0)[0]:
                if not (piece := os.read(self._descriptor, 65536)):
                    break
                self._said += piece
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", self._said.decode(errors="replace"))

    def type(self, keys):
        os.write(self._descriptor, keys.encode())

    def wait_for(self, text, count=1):
        wait_until(lambda: self.said().count(text) >= count, f"it shows {text!r}", 30)
        return self.said()

    def hang_up(self):
        os.close(self._descriptor)
        self._descriptor = os.open(os.devnull, os.O_RDWR)

    def status(self):
        """Once it has ended."""
        def is_there():
            self.said()  # who waits for the terminal to be read does not end
            ended, status = os.waitpid(self.pid, os.WNOHANG) if self._status is None else (0, 0)
            if ended:
                self._status = os.waitstatus_to_exitcode(status)
            return self._status is not None
        wait_until(is_there, "it ends", 30)
        return self._status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._descriptor)
