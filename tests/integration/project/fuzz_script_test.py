"""scripts/fuzz searches with every target, whatever the others find, and sums up."""

import pathlib
import subprocess
import tempfile
import unittest

import daemons

TARGETS = sorted(path.name for path in (daemons.CHECKOUT / "tests/fuzz/corpus").iterdir())
BROKEN = TARGETS[0]
# What libFuzzer says, as far as the script reads it.
QUIET = "echo '#2 INITED' >&2; echo '#4711 DONE   cov: 1' >&2; echo 'Done 4711 runs' >&2"
FINDING = ("echo '#17 NEW    cov: 1' >&2; "
           "echo 'Test unit written to found-crash-1' >&2; exit 77")


class Summary(unittest.TestCase):
    def setUp(self):
        self.build = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.build / "tests").mkdir()
        for target in TARGETS:
            self.program(target, QUIET)

    def program(self, target, says):
        path = self.build / "tests" / f"fuzz_{target}"
        path.write_text(f"#!/bin/sh\n{says}\n", "utf-8")
        path.chmod(0o755)

    def fuzz(self, *words):
        done = subprocess.run([daemons.CHECKOUT / "scripts/fuzz", *words], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                              env=daemons.clean_environment() | {"FUZZ_BUILD": str(self.build)})
        return done.returncode, done.stdout.splitlines()[-len(TARGETS):]

    def test_a_finding_keeps_no_other_target_from_its_search(self):
        self.program(BROKEN, FINDING)
        status, summary = self.fuzz("1")
        self.assertEqual(status, 1)
        self.assertEqual([line.split() for line in summary],
                         [[BROKEN, "17", "runs", "found-crash-1"]] +
                         [[target, "4711", "runs", "nothing", "found"] for target in TARGETS[1:]])

    def test_where_nothing_is_found_it_says_so(self):
        status, summary = self.fuzz("1")
        self.assertEqual(status, 0)
        self.assertEqual([line.split()[0] for line in summary], TARGETS)

    def test_a_target_that_ends_without_a_file_is_a_finding_too(self):
        self.program(BROKEN, "exit 1")
        status, summary = self.fuzz("1")
        self.assertEqual(status, 1)
        self.assertIn("no file; see", summary[0])


if __name__ == "__main__":
    unittest.main()
