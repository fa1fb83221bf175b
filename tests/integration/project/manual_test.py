"""The manual pages describe the program as it is: commands, options, values and variables, no more
and no less; and those who show manual pages find nothing wrong with them."""

import re
import subprocess
import unittest

import daemons
import needs

PAGES = daemons.CHECKOUT / "docs/man"
PORTOLAN, EPMD = PAGES / "portolan.1", PAGES / "epmd.1"
SOURCES = daemons.CHECKOUT / "src"
# It has the options of `serve`, as its page says, and some of its own.
SERVE_AND_MORE = "run"


def text_of(path):
    return path.read_text(encoding="utf-8")


def printed(*words):
    return subprocess.run([daemons.portolan(), *words], capture_output=True, text=True, check=True,
                          env=daemons.clean_environment(), timeout=15).stdout


def commands():
    """The subsections of the page, by their titles."""
    section = re.search(r"^\.Sh COMMANDS\n(.*?)^\.Sh ", text_of(PORTOLAN), re.DOTALL | re.MULTILINE)
    parts = re.split(r"^\.Ss (\w+)\n", section[1], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def options_on_the_page(text):
    """Each option's value, as in the help, and variable."""
    items = re.findall(r"^\.It Fl (-[\w-]+)(?: (?:Ar|Cm) (.*?))?(?: Pq Ev (\w+))?$", text,
                       re.MULTILINE)
    assert len(items) == text.count(".It Fl"), text
    return {f"-{name}": (value.replace(" ", ""), variable) for name, value, variable in items}


def options_in_the_help(command):
    told = printed(command, "--help").partition("Options:")[2]
    options = {}
    for item in re.split(r"^  (?=--)", told, flags=re.MULTILINE)[1:]:
        name, value = re.match(r"(--[\w-]+)(?: ([^\s(]\S*))?(?: \.\.\.)?(?=$| \(|  )", item,
                               re.MULTILINE).groups()
        variable = re.search(r"Env:(\w+)", item)
        options[name] = (value or "", variable[1] if variable else "")
    return options


class Portolan(unittest.TestCase):
    def test_it_has_all_commands(self):
        listed = printed("--help").partition("Subcommands:")[2]
        self.assertEqual(set(commands()), set(re.findall(r"^  (\w+) ", listed, re.MULTILINE)))

    def test_the_options_of_each_command_with_their_values_and_variables(self):
        for command, text in commands().items():
            if command == "epmd":  # it has a page of its own
                continue
            with self.subTest(command):
                on_page = options_on_the_page(text)
                if command == SERVE_AND_MORE:
                    self.assertIn("the options of\n.Cm serve .", text)
                    on_page |= options_on_the_page(commands()["serve"])
                self.assertEqual(on_page, options_in_the_help(command))

    def test_the_values_of_completion(self):
        shells = re.search(r"^\.D1 Nm Cm completion (.*)$", text_of(PORTOLAN), re.MULTILINE)[1]
        self.assertIn(shells.replace(" ", ""), printed("completion", "--help"))

    def test_every_variable(self):
        listed = set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", text_of(PORTOLAN)))
        read = {name for path in SOURCES.rglob("*.cc") for name in re.findall(
            r"\"((?:ERL_EPMD|PORTOLAN|LISTEN|NOTIFY|RELEASE|RABBITMQ)_[A-Z_]+)\"", text_of(path))}
        self.assertEqual(listed, read)


class Epmd(unittest.TestCase):
    def test_every_word(self):
        items = " ".join(re.findall(r"^\.It Fl (.*)$", text_of(EPMD), re.MULTILINE))
        listed = set(re.findall(r"\b[a-z_]+", items))
        known = set(re.findall(r"word == \"-(\w+)\"", text_of(SOURCES / "options/epmd_words.cc")))
        self.assertEqual(listed, known)

    def test_every_variable(self):
        listed = set(re.findall(r"^\.It Ev (\w+)$", text_of(EPMD), re.MULTILINE))
        read = re.findall(r"getenv\(\"(\w+)\"\)", text_of(SOURCES / "options/epmd_words.cc"))
        self.assertEqual(listed, set(read))


class Form(unittest.TestCase):
    def check(self, *command):
        done = subprocess.run([needs.program(command[0]), *command[1:]], text=True, check=False,
                              capture_output=True, timeout=30)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def test_mandoc_has_nothing_to_complain_of(self):
        for page in PAGES.iterdir():
            with self.subTest(page.name):
                self.assertEqual(self.check("mandoc", "-T", "lint", "-W", "warning", page), "")

    def test_groff_shows_them_without_a_warning(self):
        for page in PAGES.iterdir():
            with self.subTest(page.name):
                shown = self.check("groff", "-mandoc", "-ww", "-T", "utf8", "-P", "-bcou", page)
                self.assertIn("DESCRIPTION", shown)


if __name__ == "__main__":
    unittest.main()
