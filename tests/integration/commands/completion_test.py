"""`portolan completion SHELL`: real shells, with what it prints, complete portolan's command line."""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

import daemons
import needs

SHELLS = ("bash", "zsh", "fish")
PATIENCE = 20


def printed(*words):
    return subprocess.run([daemons.portolan(), *words], capture_output=True, text=True, check=True,
                          env=daemons.clean_environment(), timeout=15).stdout


def commands():
    listed = printed("--help").partition("Subcommands:")[2]
    return set(re.findall(r"^  (\w+) ", listed, re.MULTILINE))


def options_of(*command):
    return set(re.findall(r"--[a-z-]+", printed(*command, "--help").partition("Options:")[2]))


class Shell:
    """A shell that has read the script, in a folder with portolan in its PATH."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.name = type(self).__name__.lower()
        self.program = needs.program(self.name)
        os.symlink(daemons.portolan(), self.folder / "portolan")
        (self.folder / "script").write_text(printed("completion", self.name), encoding="utf-8")
        self.environment = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": folder,
                            "TERM": "dumb", "LC_ALL": "C.UTF-8"}

    def run(self, *words):
        done = subprocess.run([self.program, *words], capture_output=True, text=True, check=False,
                              timeout=PATIENCE, env=self.environment, cwd=self.folder)
        assert not done.stderr, done.stderr
        return done.stdout.splitlines()


class Bash(Shell):
    def offered(self, line):
        """What the function offers for the last word of a line, which bash has split as it does."""
        ask = ('source script; COMP_WORDS=("${@}"); COMP_CWORD=$(($# - 1)); _portolan; '
               'printf "%s\\n" "${COMPREPLY[@]}"')
        words = re.findall(r"=|[^ =]+", line) + [""] * line.endswith((" ", "="))
        if line.endswith("="):
            words.pop()
        return {word for word in self.run("--norc", "-c", ask, "bash", *words) if word}


class Fish(Shell):
    def offered(self, line):
        """An option with its value is offered as one word."""
        told = self.run("--no-config", "-c", f"source script; complete -C '{line}'")
        return {word.partition("\t")[0].rpartition("=")[2] for word in told}


class Zsh(Shell):
    """It tells what it would offer only at a terminal; here a list is told instead of shown."""

    START = ("autoload -U compinit; compinit -D -u; source script; "
             "compadd() { local -a offered; builtin compadd -O offered \"$@\"; "
             "print -rl -- $offered >>told; builtin compadd \"$@\" }; "
             "complete-and-tell() { zle complete-word; print all >>told }; "
             "zle -N complete-and-tell; bindkey '^I' complete-and-tell; unsetopt beep; "
             "PS1=rea'dy'; LISTMAX=9999\n")

    def offered(self, line):
        told = self.folder / "told"
        with Terminal([self.program, "-f"], self) as terminal:
            terminal.type(self.START)
            terminal.wait_for(b"ready")
            told.write_text("")
            terminal.type(line + "\t")
            daemons.wait_until(lambda: told.read_text("utf-8").endswith("all\n"), "it has told",
                               PATIENCE)
        return set(told.read_text("utf-8").split("\n")) - {"all", ""}


class Terminal:
    """A shell that believes that somebody types."""

    def __init__(self, command, shell):
        self.process, self.seen = None, b""
        self.leader, follower = pty.openpty()
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "setpriv", "--pdeathsig", "KILL", *command], stdin=follower,
            stdout=follower, stderr=follower, env=shell.environment, cwd=shell.folder)
        os.close(follower)

    def type(self, text):
        os.write(self.leader, text.encode())

    def wait_for(self, wanted):
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.seen:
            assert time.monotonic() < deadline, self.seen
            self.read(0.1)

    def settle(self):
        """Until nothing comes any more."""
        while self.read(1):
            pass

    def read(self, patience):
        if not select.select([self.leader], [], [], patience)[0]:
            return False
        try:
            self.seen += os.read(self.leader, 65536)
        except OSError:  # it has ended
            return False
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.leader)


class Completion:
    """The same for each shell. `kind` says which."""

    kind = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="portolan-completion-")
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.shell = cls.kind(folder)
        (cls.shell.folder / "a file.conf").touch()

    def offered(self, line):
        return self.shell.offered(line)

    def test_commands(self):
        self.assertLessEqual(commands(), self.offered("portolan "))
        self.assertEqual(self.offered("portolan di"), {"discover"})
        self.assertLessEqual({"help", "version"}, self.offered("portolan "))
        self.assertLessEqual(commands(), self.offered("portolan help "))
        self.assertIn("--json", self.offered("portolan version --"))

    def test_the_options_of_each_command_are_all_there(self):
        for command in sorted(commands() - {"epmd"}):
            with self.subTest(command):
                self.assertEqual(self.offered(f"portolan {command} --"), options_of(command))

    def test_the_words_of_the_epmd_face(self):
        self.assertEqual(self.offered("portolan epmd -pa"), {"-packet_timeout"})
        self.assertLessEqual({"-names", "-port", "-d"}, self.offered("portolan epmd -"))

    def test_choices(self):
        self.assertEqual(self.offered("portolan serve --print "), {"text", "json", "none"})
        self.assertEqual(self.offered("portolan wait web --log-format=j"), {"json"})
        self.assertEqual(self.offered("portolan serve --log-level="),
                         {"trace", "debug", "info", "warning", "error", "off"})
        self.assertLessEqual(set(SHELLS), self.offered("portolan completion "))

    def test_files_only_where_a_file_is_wanted(self):
        self.assertIn("file.conf", " ".join(self.offered("portolan serve --config ")))
        for line in ("portolan serve --interval ", "portolan serve --push "):
            with self.subTest(line):
                self.assertNotIn("file.conf", " ".join(self.offered(line)))

    def test_run_goes_on_with_the_command_of_another(self):
        offered = self.offered("portolan run --print text -- portol")
        self.assertEqual({word.strip() for word in offered}, {"portolan"})


class InBash(Completion, unittest.TestCase):
    kind = Bash

    def test_a_line_is_completed_as_it_is_typed(self):
        with Terminal([self.shell.program, "--norc", "-i"], self.shell) as terminal:
            terminal.type("PS1=ready:; bind 'set bell-style none'; source script\n")
            terminal.wait_for(b"\nready:")
            terminal.type("portolan serv\t--pr\tj\t")
            terminal.settle()
        self.assertIn(b"portolan serve --print json ", terminal.seen)


class InFish(Completion, unittest.TestCase):
    kind = Fish


class InZsh(Completion, unittest.TestCase):
    kind = Zsh


class Asking(unittest.TestCase):
    def ask(self, *words, **running):
        return subprocess.run([daemons.portolan(), "completion", *words], text=True, check=False,
                              stderr=subprocess.PIPE, timeout=15,
                              env=daemons.clean_environment(), **running)

    def test_another_shell_is_a_wrong_command_line(self):
        done = self.ask("tcsh", stdout=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("'tcsh' is not one of bash|zsh|fish", done.stderr)

    def test_no_shell_is_one_too(self):
        self.assertEqual(self.ask(stdout=subprocess.PIPE).returncode, 2)

    def test_a_full_standard_output_is_an_error(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = self.ask("bash", stdout=full)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot print to standard output", done.stderr)


if __name__ == "__main__":
    unittest.main()
