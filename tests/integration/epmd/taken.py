"""`portolan takeover`, and then the daemon that it is."""

import daemons
from daemons import Daemon, wait_until


class Taken(Daemon):
    """The daemon that takes over from `old`, and stands in its place when it is made."""

    def __init__(self, old, *arguments, words=(), **running):
        self.old = old
        super().__init__(*arguments, "--", *words, port=old.port, **running)

    def command(self):
        return [daemons.portolan(), "takeover"]

    def port_arguments(self):
        return ["--port", str(self.port)]

    def wait_until_ready(self):
        def is_done():
            if self.exit_status is not None:
                raise AssertionError(f"{self} ended with {self.exit_status}: {self.output()}")
            return self.old.exit_status is not None
        wait_until(is_done, "the old one has ended", 30)
