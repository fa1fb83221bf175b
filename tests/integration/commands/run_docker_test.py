"""`portolan run` as the first process of a container."""

import time
import unittest

from docker_nodes import SUITES, Harbour, together, wait_until
from push_nodes import Box, Observer

NET = "quay"
# What becomes of a container that ends by SIGKILL.
KILLED = 128 + 9

harbour = None
observer = None


def setUpModule():
    global harbour, observer
    harbour = Harbour()
    unittest.addModuleCleanup(harbour.end)
    harbour.network(NET)
    observer = Observer(harbour, NET)


def status_of(container):
    """Its exit status, once it has ended."""
    return wait_until(lambda: ended(container), f"{container} has ended")[0]


def ended(container):
    state = harbour.inspect(container)["State"]
    return [state["ExitCode"]] if state["Status"] == "exited" else None


def run(*command, options=()):
    """A container with `run` and a command, as `docker run` has it, without a shell."""
    return harbour.run("--network", NET, *options, command=("/harbour/portolan", "run", "--", *command))


def said_in(container, text):
    wait_until(lambda: text in harbour.log(container), f"{container} says {text!r}")


class FirstProcess(unittest.TestCase):
    def test_a_node_is_stopped_cleanly_within_the_grace(self):
        made = together([lambda otp=otp: Box(harbour, network=NET, alias=f"stop{otp}", otp=otp)
                         for otp in SUITES])
        observer.wait_for_mesh(*([each] for each in made))
        for each in made:
            with self.subTest(each):
                harbour.docker("stop", "--time", "30", each.id)
                state = harbour.inspect(each.id)["State"]
                self.assertEqual((state["ExitCode"], state["OOMKilled"]), (0, False))
                self.assertIn("info the command has exited with 0", each.log())
                self.assertRegex(each.said(), r"SIGTERM received - shutting down")

    def test_a_command_that_ignores_the_signal_is_killed_after_the_grace(self):
        deaf = run("sh", "-c", "trap 'echo heard' TERM; echo ready; while :; do sleep 0.1; done")
        said_in(deaf, "ready")
        began = time.monotonic()
        harbour.docker("stop", "--time", "2", deaf)
        self.assertGreaterEqual(time.monotonic() - began, 2)
        self.assertEqual(status_of(deaf), KILLED)
        self.assertIn("heard", harbour.log(deaf))

    def test_the_status_is_the_commands(self):
        cases = {
            "exit 0": 0, "exit 7": 7, "exit 255": 255,
            "kill -KILL $$": KILLED, "kill -TERM $$": 128 + 15,
        }
        made = together([lambda script=script: run("sh", "-c", script) for script in cases])
        for script, container in zip(cases, made):
            with self.subTest(script):
                self.assertEqual(status_of(container), cases[script])

    def test_what_cannot_be_run_ends_it_as_a_shell_would(self):
        for command, status in (("/no/such/thing", 127), ("no-such-thing", 127), ("/etc/passwd", 126)):
            with self.subTest(command):
                container = run(command)
                self.assertEqual(status_of(container), status)
                self.assertIn(f"cannot run {command}: ", harbour.log(container))

    def test_signals_reach_the_command(self):
        names = ("USR1", "USR2", "QUIT", "INT")
        traps = "; ".join(f"trap 'echo heard {name}' {name}" for name in names)
        container = run("sh", "-c", f"{traps}; trap 'exit 3' TERM; echo ready; "
                                    f"while :; do sleep 0.1; done")
        said_in(container, "ready")
        for name in names:
            harbour.docker("kill", "--signal", name, container)
            said_in(container, f"heard {name}")
        harbour.docker("kill", "--signal", "TERM", container)
        self.assertEqual(status_of(container), 3)

    def test_orphans_are_reaped(self):
        """A hundred processes whose parents have ended before them, and none is left as a zombie."""
        orphan = "(sleep 0.2 & echo $! >>/harbour/orphans)"
        container = run("sh", "-c", f"for i in $(seq 100); do {orphan}; done; exec sleep infinity")
        orphans = harbour.folder / "orphans"
        wait_until(lambda: orphans.exists() and len(orphans.read_text("ascii").split()) == 100,
                   "all have begun")
        # The command itself is the one that stays.
        wait_until(lambda: harbour.shell(container, "cat /proc/[0-9]*/stat").stdout.count("(sleep)")
                   == 1, "none is left")

    def test_who_asks_its_epmd_to_end_asks_the_command(self):
        container = run("sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done")
        said_in(container, "ready")
        self.assertEqual(harbour.portolan(container, "kill").returncode, 0)
        self.assertEqual(status_of(container), 5)


if __name__ == "__main__":
    unittest.main()
