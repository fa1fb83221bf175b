"""docs/FIRST_STEPS.md, run as it stands: its commands in a shell, and what they print."""

import os
import pathlib
import tempfile
import unittest

import daemons
import needs
import network
import typed

DOCUMENT = daemons.CHECKOUT / "docs/FIRST_STEPS.md"
PATIENCE = 20.0


def setUpModule():
    network.enter_private_network()
    daemons.portolan()
    needs.program("erl")
    needs.program("curl")


class FirstSteps(unittest.TestCase):
    def test_each_command_prints_what_is_shown(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        tools = folder / "bin"
        tools.mkdir()
        for name in ("portolan", "epmd"):
            (tools / name).symlink_to(daemons.portolan())
        environment = daemons.clean_environment(
            {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(folder)})
        asked = typed.sessions(DOCUMENT)
        self.assertGreater(len(asked), 10)
        with typed.Shell(folder, environment, PATIENCE) as shell:
            for command, printed in asked:
                with self.subTest(command):
                    shell.check(command, printed)


if __name__ == "__main__":
    unittest.main()
