"""What the documents say is so: files, tests, options, log lines, bytes and units are as claimed."""

import configparser
import contextlib
import itertools
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest

import daemons
import needs
import network
from daemons import Ours, Reference, wait_until
from documents import anchors, blocks_of, prose_of, rows, section, text_of
from packets import NAMES, alive
from service_manager import Manager, Service

CHECKOUT = daemons.CHECKOUT
DOCUMENTS = [*sorted(CHECKOUT.glob("*.md")), *sorted((CHECKOUT / "docs").rglob("*.md"))]
PROTOCOL, OPERATING, DISCOVERY, PUSH, README = (
    CHECKOUT / name for name in ("docs/PROTOCOL.md", "docs/OPERATING.md", "docs/DISCOVERY.md",
                                 "docs/PUSH.md", "README.md"))
UNITS = CHECKOUT / "docs/systemd"
PORT = 4369
# Repaired weaknesses of the reference, and those that stay on purpose.
REPAIRED = {f"W{number}" for number in (1, 2, *range(4, 10), 11, *range(13, 17), 18, 19, 20)}
KEPT = {"W3", "W10", "W12", "W17"}


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


def printed(*words):
    return subprocess.run([daemons.portolan(), *words], capture_output=True, text=True, check=True,
                          env=daemons.clean_environment(), timeout=15).stdout


def options_in(text):
    return set(re.findall(r"--[a-z-]+", text)) - {"--help"}


class References(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for path in DOCUMENTS:
            links = re.findall(r"\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"", prose_of(path))
            for link in map("".join, links):
                if not re.match(r"https?:", link):
                    with self.subTest(document=path.name, link=link):
                        self.follow(path, *link.partition("#")[::2])

    def follow(self, path, target, anchor):
        there = (path.parent / target).resolve() if target else path
        self.assertTrue(there.exists())
        if anchor:
            self.assertIn(anchor, anchors(there))

    def test_files_that_are_named_exist(self):
        named = re.compile(r"(?<![\w/.-])(?:src|tests|scripts|docs)/[\w./-]*\w")
        for path in DOCUMENTS:
            for name in sorted(set(named.findall(text_of(path)))):
                with self.subTest(document=path.name):
                    self.assertTrue((CHECKOUT / name).exists(), name)

    def test_tests_that_are_named_exist(self):
        python = "".join(map(text_of, (CHECKOUT / "tests").rglob("*_test.py")))
        files = {path.name for path in (CHECKOUT / "tests").rglob("*_test.*")}
        for path in DOCUMENTS:
            for name in sorted(set(re.findall(r"\b\w+_test\.(?:cc|py)\b", text_of(path)))):
                with self.subTest(document=path.name):
                    self.assertIn(name, files)
            for name in sorted(set(re.findall(r"`(test_\w+)`", text_of(path)))):
                with self.subTest(document=path.name):
                    self.assertIn(f"def {name}(", python)

    def test_sections_that_the_code_names_exist(self):
        named = re.compile(r"docs/(\w+\.md)(?:, \"([^\"]+)\"|, (W\d+))")
        seen = 0
        for source in itertools.chain.from_iterable(
                (CHECKOUT / "src").rglob(kind) for kind in ("*.h", "*.cc")):
            for document, title, number in named.findall(text_of(source)):
                seen += 1
                with self.subTest(source=source.name):
                    section(CHECKOUT / "docs" / document, title or number)
        self.assertGreater(seen, 3)


class Options(unittest.TestCase):
    def test_serve_and_run_have_these_options_and_variables_and_no_others(self):
        table = rows(section(OPERATING, "serve"))
        self.check_options("serve", table)
        self.check_options("run", table + rows(section(OPERATING, "run")))

    def check_options(self, command, table):
        told = printed(command, "--help")
        self.assertEqual({option for row in table for option in options_in(row[0])},
                         options_in(re.sub(r"^.*?Options:", "", told, flags=re.DOTALL)))
        for option, variable, *_ in table:
            word, name = options_in(option).pop(), variable.strip("`")
            with self.subTest(word):
                about = re.search(rf"{word}\b(?:(?!\n  --).)*", told, re.DOTALL)[0]
                self.assertEqual(re.findall(r"Env:(\w+)", about), [name] if name else [])

    def test_the_commands_have_these_options_and_no_others(self):
        table = rows(section(OPERATING, "The commands that ask"))
        table += rows(section(OPERATING, "discover, wait and mesh"))
        self.assertEqual([row[0].strip("`").split()[0] for row in table],
                         ["names", "lookup", "check", "doctor", "stop", "kill", "upgrade", "discover",
                          "wait", "mesh"])
        for command, options in table:
            with self.subTest(command):
                self.assertEqual(options_in(options),
                                 options_in(printed(command.strip("`").split()[0], "--help")))

    def test_the_commands_of_the_readme_are_all_there_are(self):
        told = set(re.findall(r"^  (\w+) ", printed("--help").partition("Subcommands:")[2],
                              re.MULTILINE))
        table = rows(section(README, "Commands"))
        self.assertEqual({row[0].strip("`").split()[1] for row in table}, told)

    def test_every_variable_is_listed(self):
        listed = set(re.findall(r"`([A-Z][A-Z_]+)`", section(OPERATING, "Environment")))
        read = {name for path in (CHECKOUT / "src").rglob("*.cc") for name in
                re.findall(r"\"((?:ERL_EPMD|PORTOLAN|LISTEN|NOTIFY|RELEASE|RABBITMQ)_[A-Z_]+)\"", text_of(path))}
        self.assertEqual(listed, read)

    def test_the_words_of_the_epmd_face(self):
        listed = {word for row in rows(section(PROTOCOL, "The epmd face"))
                  for word in re.findall(r"(?<=`)-\w+", row[0])}
        known = set(re.findall(r"word == \"(-\w+)\"", text_of(CHECKOUT / "src/options/epmd_words.cc")))
        self.assertEqual(listed, known)


class Deviations(unittest.TestCase):
    def entries(self, title):
        parts = re.split(r"^### (\w+)$", section(PROTOCOL, title), flags=re.MULTILINE)
        return dict(zip(parts[1::2], parts[2::2]))

    def test_all_are_recorded(self):
        numbers = {number for number in self.entries("Where we differ") if number[0] == "W"}
        self.assertEqual(numbers, REPAIRED)
        self.assertEqual(set(self.entries("Weaknesses we keep")), KEPT)

    def test_those_that_have_a_test_are_recorded(self):
        tested = set(re.findall(r"def test_(w\d+)_", "".join(
            map(text_of, (CHECKOUT / "tests/integration").rglob("*_test.py")))))
        self.assertLessEqual({number.upper() for number in tested},
                             set(self.entries("Where we differ")))

    def test_each_says_all_there_is_to_say_and_its_tests_exist(self):
        for number, entry in self.entries("Where we differ").items():
            with self.subTest(number):
                for part in ("- Reference:", "- Portolan:", "- Why:"):
                    self.assertEqual(entry.count(part), 1, part)
                self.check_tests(entry)
        for number, entry in self.entries("Weaknesses we keep").items():
            with self.subTest(number):
                self.check_tests(entry)

    def check_tests(self, entry):
        tests = re.findall(r"^- Test: (\S+),\s+(?:\"([^\"]+)\"|`(\w+)`)$", entry, re.MULTILINE)
        self.assertEqual(len(tests), entry.count("- Test:"), "not all can be read")
        self.assertTrue(tests)
        for file, sentence, name in tests:
            (path,) = (CHECKOUT / "tests").rglob(file)
            wanted = f'TEST_CASE("{sentence}"' if sentence else f"def {name}("
            self.assertIn(wanted, text_of(path))


class Examples(unittest.TestCase):
    """The exchanges of PROTOCOL.md, one after the other with one daemon."""

    def test_ours_and_the_reference_answer_as_they_say(self):
        for kind in (Ours, Reference):
            with kind("-relaxed_command_check", port=PORT) as daemon:
                with contextlib.ExitStack() as closed:
                    played = [self.play(daemon, closed, *exchange) for exchange in self.read()]
                self.assertGreater(len(played), 8)

    @staticmethod
    def read():
        for block in blocks_of(PROTOCOL, "exchange"):
            yield from re.findall(r"send ([0-9a-f \n]+)\nrecv (.*?)\nfate (\w+)", block, re.DOTALL)

    def play(self, daemon, closed, sent, received, fate):
        connection = closed.enter_context(daemon.connect())
        connection.sendall(bytes.fromhex(sent))
        reply = self.read_reply(connection, fate)
        with self.subTest(daemon=type(daemon).__name__, sent=sent):
            self.assertRegex(reply, self.pattern(received))
            if fate == "ended":
                self.assertEqual(daemon.wait_until_ended(), 0)

    def read_reply(self, connection, fate):
        if fate != "open":
            return daemons.read_to_end(connection)
        reply = connection.recv(100)
        connection.settimeout(0)
        with self.assertRaises(BlockingIOError):
            connection.recv(1)
        return reply

    @staticmethod
    def pattern(received):
        """Bytes in brackets are any."""
        whole = b""
        for fixed, free in re.findall(r"([^\[\]]+)|\[([^\]]+)\]", received):
            whole += re.escape(bytes.fromhex(fixed)) if fixed else b"(?s:.{1,%d})" % len(
                bytes.fromhex(free))
        return b"^" + whole + b"$"


class LogLines(unittest.TestCase):
    def test_every_event_is_listed_as_it_is_worded(self):
        listed = {row[0].strip("`"): tuple(row[1:3]) for row in rows(section(OPERATING, "Events"))}
        worded = dict(self.wordings())
        self.assertEqual(set(listed), set(worded))
        for name, (level, line) in listed.items():
            with self.subTest(name):
                self.assertEqual(level, worded[name][0])
                self.assertTrue(worded[name][1].startswith(line), worded[name][1])

    @staticmethod
    def wordings():
        """Name, and level and sentence of each, as the table shows them."""
        source = text_of(CHECKOUT / "src/logging/wording.cc")
        for name, level, quoted in re.findall(
                r"\{K::\w+, \"(\w+)\", S::(\w+),\s*((?:\"[^\"]*\"\s*)+)\}", source):
            sentence = "".join(re.findall(r"\"([^\"]*)\"", quoted)).replace("`", "")
            sentence = sentence.replace("{connection}", "N")
            yield name, (level, re.sub(r"\{\w+\}", "…", sentence))

    def test_what_it_says_at_its_start_and_end(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        options = ("--http", f"127.0.0.1:{network.free_port()}", "--drain", "1ms")
        with contextlib.closing(Manager(folder)) as manager, \
                socket.create_server(("127.0.0.1", 0)) as listening:
            Service(manager, listening, *options).stop()
            with Service(manager, listening, *options) as daemon:
                printed("upgrade", str(daemon.pid))
                daemon.signal(signal.SIGTERM)
                daemon.wait_until_ended()
                said = daemon.output()
        lines = [line.strip("`") for level, line, _ in
                 rows(section(OPERATING, "At the start and the end")) if level == "info"]
        self.assertEqual(len(lines), 6, lines)
        for line in lines:
            self.assertRegex(said, re.escape(line).replace("…", ".+"))


class Discovery(unittest.TestCase):
    """DISCOVERY.md and PUSH.md have every reason and log line, with … for what varies."""

    SAID = {
        DISCOVERY: ["discovery/classify.cc", "discovery/reconcile.cc", "outputs/discovery_log.cc",
                    "outputs/hook.cc", "outputs/hosts_file.cc", "outputs/nodes_file.cc",
                    "outputs/printer.cc", "service/discovery_reloader.cc",
                    "service/discovery_service.cc"],
        PUSH: ["push/connect_push.cc", "push/unconnectable.cc", "push/cookie_source.cc",
               "push/message_push.cc", "push/pusher.cc", "push/reregistration.cc",
               "push/registrants.cc", "push/atom_budget.cc"]}

    def test_every_reason_and_log_line_is_there(self):
        seen = 0
        for document, names in self.SAID.items():
            text = " ".join(text_of(document).replace("`", "").split())
            for name in names:
                for said in self.said_in(text_of(CHECKOUT / "src" / name)):
                    seen += 1
                    with self.subTest(source=name):
                        self.assertIn(said, text)
        self.assertGreater(seen, 60)

    @staticmethod
    def said_in(source):
        """The literals that have several words, or are names of variables."""
        source = re.sub(r"^\s*(?:#include|///?) .*$", "", source, flags=re.MULTILINE)
        literal = r'"(?:[^"\\]|\\.)*"'
        for literals in re.findall(rf"{literal}(?:\s+{literal})*", source):
            said = "".join(part[1:-1] for part in re.findall(literal, literals))
            said = said.replace(r"\"", '"').replace(r"\n", "").replace("`", "")
            said = re.sub(r"\{\}", "…", said).strip(" ';")
            is_text = " " in said and len(re.findall(r"[a-z]{2,}", said)) > 2
            if is_text or said.startswith("PORTOLAN_"):
                yield said

    def test_events_of_the_log_and_their_fields_are_those_of_the_code(self):
        call = re.compile(r"""\b(?:info|warn|error|debug|write|payload)\(\s*
                              (?:(?:wording\.)?level,\s*|\{)?"([a-z_]+)",(.*?);\n""", re.S | re.X)
        events = {}
        for path in sorted((CHECKOUT / "src").rglob("*.cc")):
            text = text_of(path)
            for event, rest in call.findall(text) if '"logging/log.h"' in text else []:
                events.setdefault(event, set()).update(re.findall(r'\bfield\("(\w+)"', rest))
        table = {row[0].strip("`"): set(row[1].replace("`", "").split())
                 for row in rows(section(OPERATING, "The log as JSON"))}
        self.assertGreater(len(table), 40)
        self.assertEqual(table, events)

    def test_the_limits_are_those_of_the_code(self):
        table = rows(section(DISCOVERY, "Limits")) + rows(section(PUSH, "Limits"))
        self.assertGreater(len(table), 30)
        for what, limit, where in table:
            constant, source = re.findall(r"`([^`]+)`", where)
            with self.subTest(what):
                value = self.value(constant, text_of(CHECKOUT / source))
                self.assertEqual(self.amount(value), self.amount(limit))

    def value(self, constant, source):
        found = re.search(rf"\b{constant} = ([^;]+);", source)[1]
        return found if re.search(r"\d", found) else self.value(found, source)

    @staticmethod
    def amount(text):
        """The number in a text, and the first letters of its unit: ms is milliseconds."""
        unit = re.search(r"milliseconds|seconds|minutes|hour|\bms\b|\bs\b", text)
        short = {"milliseconds": "ms", "seconds": "s"}
        number = int(re.sub(r"[',]", "", re.search(r"\d[\d',]*", text)[0]))
        return number, unit and short.get(unit[0], unit[0])

    def test_the_flags_of_the_probe(self):
        flags = re.search(r"prober = (0x[0-9a-f]+)", text_of(CHECKOUT / "src/dist/handshake.h"))[1]
        self.assertIn(flags, section(DISCOVERY, "The probe"))
        spelt = f"{int(flags, 16):016x}"
        spelt = " ".join(spelt[at:at + 2] for at in range(0, 16, 2))
        self.assertIn(spelt, " ".join(section(DISCOVERY, "The probe").split()))


class Units(unittest.TestCase):
    def unit(self, name):
        # An option may repeat; what we ask for does not.
        parser = configparser.ConfigParser(strict=False)
        parser.optionxform = str
        parser.read(UNITS / name)
        return parser

    def test_systemd_finds_nothing_wrong(self):
        with tempfile.TemporaryDirectory() as folder:
            for unit in UNITS.iterdir():
                there = pathlib.Path(folder, unit.name)
                there.write_text(text_of(unit).replace("/usr/local/bin/portolan",
                                                       daemons.portolan()), encoding="utf-8")
            done = subprocess.run(
                [needs.program("systemd-analyze"), "verify", "--man=no",
                 f"{folder}/portolan.socket", f"{folder}/portolan.service"],
                capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_daemon_is_started_as_the_service_says(self):
        service = self.unit("portolan.service")["Service"]
        self.assertEqual((service["ExecStart"], service["Type"]),
                         ("/usr/local/bin/portolan serve", "notify"))

    def test_local_nodes_register_on_the_socket_that_it_describes(self):
        described = self.unit("portolan.socket")["Socket"]
        self.assertEqual((described["ListenStream"], described["BindIPv6Only"]),
                         (str(PORT), "both"))
        command = [needs.program("systemd-socket-activate"), "--listen", str(PORT),
                   daemons.portolan(), "serve"]
        with tempfile.TemporaryFile() as log, subprocess.Popen(
                command, env=daemons.clean_environment(), stdout=log, stderr=log) as process:
            try:
                self.assert_it_serves()
                process.terminate()
                self.assertEqual(process.wait(10), 0)
            finally:
                process.kill()

    def assert_it_serves(self):
        # The first connection starts the daemon.
        wait_until(lambda: self.asked("127.0.0.1"), "it answers")
        for address in ("127.0.0.1", "::1"):
            with socket.create_connection((address, PORT), 10) as node:
                node.sendall(alive(b"n"))
                self.assertEqual(node.recv(6)[:2], b"v\0", address)
                self.assertIn(b"name n at port", self.asked(address))
            wait_until(lambda: b"name n" not in self.asked("127.0.0.1"), "it has left")

    @staticmethod
    def asked(address):
        try:
            with socket.create_connection((address, PORT), 10) as client:
                client.sendall(NAMES)
                return daemons.read_to_end(client)
        except OSError:
            return b""


if __name__ == "__main__":
    unittest.main()
