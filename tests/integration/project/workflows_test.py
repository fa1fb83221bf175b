"""The workflows: YAML without faults, scripts that exist, commands that a shell can read."""

import re
import subprocess
import unittest

import yaml

import needs
from docker_engine import CHECKOUT

WORKFLOWS = sorted((CHECKOUT / ".github/workflows").glob("*.yml"))
RULES = "{extends: default, rules: {document-start: disable, truthy: disable, braces: disable, " \
        "line-length: {max: 110}}}"


def lint(text):
    """What yamllint says of a text; nothing if it is well."""
    return subprocess.run([needs.program("yamllint"), "--strict", "-d", RULES, "-"], input=text,
                          check=False, text=True, stdout=subprocess.PIPE).stdout


def commands(path):
    """What its steps run."""
    for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
        for step in job["steps"]:
            if "run" in step:
                # An expression is a word, to a shell.
                yield re.sub(r"\$\{\{.*?\}\}", "word", step["run"])


class Workflows(unittest.TestCase):
    def test_yamllint_has_nothing_to_say(self):
        for path in WORKFLOWS:
            with self.subTest(path.name):
                self.assertEqual(lint(path.read_text("utf-8")), "")

    def test_it_would_say_what_is_wrong(self):
        text = WORKFLOWS[-1].read_text("utf-8")
        for wrong in (text.replace("    steps:", "   steps:", 1), text + "jobs: {}\n"):
            self.assertIn("error", lint(wrong))

    def test_each_has_jobs_with_a_machine_and_a_limit(self):
        for path in WORKFLOWS:
            for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
                with self.subTest(path.name, job=name):
                    self.assertLessEqual({"runs-on", "timeout-minutes", "steps"}, set(job))
                    for step in job["steps"]:
                        self.assertEqual(len({"run", "uses"} & set(step)), 1, step)

    def test_what_they_run_is_here_and_can_be_read(self):
        for path in WORKFLOWS:
            for command in commands(path):
                with self.subTest(path.name, command=command):
                    subprocess.run(["bash", "-n"], input=command, check=True, text=True)
                    for name in re.findall(r"(?<![\w/])(?:scripts|\.ci)/\w+", command):
                        self.assertTrue((CHECKOUT / name).exists(), name)

    def test_they_name_no_registry(self):
        for path in WORKFLOWS:
            self.assertNotRegex(path.read_text("utf-8"), r"https?://|\b[\w-]+\.(?:io|com|org|net)\b")


if __name__ == "__main__":
    unittest.main()
