"""scripts/test_summary tells of a run of CTest what one looks for first."""

import pathlib
import subprocess
import tempfile
import unittest

import daemons

UNITTEST = """.F
======================================================================
FAIL: test_it (somewhere.Things.test_it)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "things_test.py", line 7, in test_it
    self.assertEqual(1, 2)
AssertionError: 1 != 2
"""


class Summary(unittest.TestCase):
    def setUp(self):
        self.path = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), "results.xml")

    def write(self, *tests):
        """Each test is (name, seconds, status, what it said)."""
        cases = "".join(f'<testcase name="{name}" time="{seconds}" status="{status}">'
                        f"<system-out><![CDATA[{said}]]></system-out></testcase>"
                        for name, seconds, status, said in tests)
        self.path.write_text(f"<testsuite>{cases}</testsuite>", encoding="utf-8")

    def said(self, *options):
        return subprocess.run([daemons.CHECKOUT / "scripts/test_summary", *options, self.path],
                              check=True, text=True, capture_output=True, timeout=60).stdout

    def test_the_ten_slowest_come_first(self):
        self.write(*((f"test{n}", n, "run", "") for n in range(1, 13)))
        names = [line.split()[1] for line in self.said().splitlines()[1:]]
        self.assertEqual(names, [f"test{n}" for n in range(12, 2, -1)])

    def test_of_those_that_failed_it_tells_place_and_reason(self):
        self.write(("good", 1, "run", "all is well"), ("bad", 2, "fail", UNITTEST))
        said = self.said()
        self.assertIn("Failed: bad\nFAIL: test_it (somewhere.Things.test_it)\n", said)
        self.assertIn("line 7, in test_it\nAssertionError: 1 != 2\n", said)
        self.assertNotIn("all is well", said)

    def test_of_a_program_that_says_nothing_known_it_tells_the_end(self):
        self.write(("bad", 2, "fail", "\n".join(f"line {n}" for n in range(100))))
        self.assertEqual(self.said().splitlines()[-20:], [f"line {n}" for n in range(80, 100)])

    def test_the_names_of_those_that_failed(self):
        self.write(("good", 1, "run", ""), ("bad", 2, "fail", ""), ("worse", 3, "fail", ""))
        self.assertEqual(self.said("--failed"), "bad\nworse\n")


if __name__ == "__main__":
    unittest.main()
