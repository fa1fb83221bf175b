"""scripts/give_way: what it runs leaves the processors to those of other sessions."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

import daemons

GIVE_WAY = daemons.CHECKOUT / "scripts/give_way"
# For two seconds it takes all that it gets of its processor, and prints how much that was.
SPIN = """
import time
print("begun", flush=True)
input()
end = time.monotonic() + 2
while time.monotonic() < end:
    pass
print(time.process_time())
"""


@contextlib.contextmanager
def spinning(*prefix):
    """In a session of its own, on the processor of this process."""
    process = subprocess.Popen([*prefix, sys.executable, "-c", SPIN], text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, start_new_session=True)
    with process:
        if process.stdout.readline() != "begun\n":
            raise AssertionError("it has not begun")
        yield process


class GiveWay(unittest.TestCase):
    def setUp(self):
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(allowed)})
        self.addCleanup(os.sched_setaffinity, 0, allowed)

    def test_another_session_goes_first(self):
        with spinning() as first, spinning(GIVE_WAY) as second:
            for each in (first, second):
                each.stdin.write("\n")
                each.stdin.flush()
            ours, given = (float(each.stdout.read()) for each in (first, second))
        self.assertLess(given, ours / 3)

    def test_the_exit_status_is_that_of_the_command(self):
        for status in (0, 3):
            done = subprocess.run([GIVE_WAY, "sh", "-c", f"exit {status}"], check=False, timeout=60)
            self.assertEqual(done.returncode, status)

    def test_who_ends_it_ends_the_command(self):
        process = subprocess.Popen([GIVE_WAY, "sleep", "600"])
        command = pathlib.Path(f"/proc/{process.pid}/cmdline")
        daemons.wait_until(lambda: command.read_bytes().startswith(b"sleep"), "it sleeps")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), -signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
