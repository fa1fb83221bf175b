"""Containers whose first process is `portolan run`, with nodes that know nothing of it."""

import ast
import pathlib
import re
import shutil

from docker_nodes import COOKIE, ERL, PATIENCE, seconds, wait_until

# What `run` says itself: on standard output, as it is asked to, which nodes joined and left, and on
# standard error its log.
# RabbitMQ begins a line there, and ends it seconds later.
BEGUN = "  Starting broker..."
EVENT = re.compile(rf"(?:{re.escape(BEGUN)})?(joined|left) (\S+@\S+) \S+ via \S+")
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\S+ (debug|info|warning|error) ")
ASKER = pathlib.Path(__file__).with_name("node_asker.py")


def erl(name_flags="-sname node", cookie=COOKIE, further=()):
    """The command of a plain node."""
    words = [cookie if word == COOKIE else word for word in ERL]
    return " ".join([*words, name_flags, *further])


class Box:
    """A container with Portolan as its entrypoint: by default, and in all that it is told, as
    people are shown it. The cookie comes by the environment; None: it is for the command to give.
    """

    def __init__(self, harbour, *options, network, alias="web", command=None, names=("node@{host}",),
                 cookie=COOKIE, arguments="", otp=25):
        """In names, {host} is the container's host name, and {ip} and {ipv6} its addresses."""
        self.harbour, self.network, self.cookie = harbour, network, cookie
        given = () if cookie is None else ("--env", f"PORTOLAN_COOKIE={cookie}")
        place = ("--network", network, "--network-alias", alias)
        self.id = harbour.run(*place, *given, *options, otp=otp, command=(
            "sh", "-c", f"exec /harbour/portolan run --discover {alias} --push connect --print text "
                        f"{arguments} -- {command or erl()}"))
        self.refresh()
        self.names = [name.format(host=self.host, ip=self.ip, ipv6=self.ipv6) for name in names]

    def refresh(self):
        """Its address is another one, perhaps."""
        inspected = self.harbour.inspect(self.id)
        self.host = inspected["Config"]["Hostname"].partition(".")[0]
        networks = inspected["NetworkSettings"]["Networks"]
        addresses = networks.get(self.network, {})
        self.ip, self.ipv6 = addresses.get("IPAddress"), addresses.get("GlobalIPv6Address")

    def __repr__(self):
        return self.names[0]

    def _lines(self):
        done = self.harbour.engines.try_docker("logs", self.id)
        return done.stdout.splitlines(), done.stderr.splitlines()

    def log(self):
        """What `run` has logged."""
        return "\n".join(line for line in self._lines()[1] if LOG_LINE.match(line))

    def complaints(self):
        """The lines of the log that are more than news."""
        return [line for line in self.log().splitlines()
                if LOG_LINE.match(line).group(1) in ("warning", "error")]

    def events(self):
        found = [EVENT.fullmatch(line) for line in self._lines()[0]]
        return [event.groups() for event in found if event]

    def printed(self):
        """What the nodes have printed on standard output, their logs that is. A report of before
        they are quite up is there twice, with the same time.
        """
        text = "\n".join(line for line in self._lines()[0] if not EVENT.fullmatch(line))
        return "".join(dict.fromkeys(re.split(r"^(?==\w+ REPORT====)", text, flags=re.MULTILINE)))

    def said(self):
        """All that the nodes have said."""
        errors = [line for line in self._lines()[1] if not LOG_LINE.match(line)]
        return "\n".join([line for line in [self.printed()] if line] + errors)

    def registered(self):
        """When the last of its nodes registered."""
        times = re.findall(r"^(\S+) info registered '", self.log(), re.MULTILINE)
        return max(map(seconds, times))

    def pushed(self):
        """Which nodes ours were told to connect to, and did."""
        return re.findall(r" info pushed: (\S+) is connected to (\S+)$", self.log(), re.MULTILINE)

    def rounds(self):
        """With --log-level debug."""
        return self.log().count(" debug a round in ")


def wait_for_rounds(boxes, count):
    """Until each has looked around so many times."""
    targets = [box.rounds() + count + 1 for box in boxes]
    for box, target in zip(boxes, targets):
        wait_until(lambda: box.rounds() >= target, f"{box} has looked {count} times")


def named(harbour, name, *options, **further):
    """A box as in the scene that Portolan was begun for."""
    return Box(harbour, "--hostname", name, "--name", name, *options, **further)


class Observer:
    """A container from which nodes are asked whom they are connected to, without a trace."""

    def __init__(self, harbour, network, otp=25, name="observer", options=()):
        self.harbour, self.name = harbour, name
        shutil.copy(ASKER, harbour.folder)
        harbour.run("--name", name, "--network", network, *options, otp=otp)

    def ask(self, questions, patience):
        """{name: (names, when)}; names is None if it cannot be asked."""
        return ast.literal_eval(self.harbour.engines.docker(
            "exec", "--interactive", self.name, "python3", "/harbour/node_asker.py", str(patience),
            input=repr(questions)))

    def nodes(self, *boxes):
        """What nodes() is on each node."""
        answers = self.ask([question(box, name) for box in boxes for name in box.names], PATIENCE)
        deaf = [name for name, (names, _) in answers.items() if names is None]
        if deaf:
            raise AssertionError(f"asked {PATIENCE} s in vain for nodes(): {deaf}")
        return {name: sorted(names) for name, (names, _) in answers.items()}

    def wait_for_mesh(self, *groups, patience=PATIENCE):
        """Until nodes() on each node has all others of its group, of boxes, and none besides.
        Returns when the last one had.
        """
        questions = [question(box, name, [other for other in members(group) if other != name])
                     for group in groups for box in group for name in box.names]
        return self.wait_for(questions, patience)

    def wait_for(self, questions, patience=PATIENCE):
        answers = self.ask(questions, patience)
        wrong = {each["name"]: answers[each["name"]][0] for each in questions
                 if set(answers[each["name"]][0] or ["nobody"]) != set(each["expected"] or ["nobody"])
                 or answers[each["name"]][0] is None}
        if wrong:
            raise AssertionError(f"waited {patience} s in vain; instead: {wrong}")
        return max(when for _, when in answers.values())


def question(box, name, expected=None):
    return {"name": name, "ip": box.ip, "cookie": box.cookie or COOKIE, "expected": expected}


def members(boxes):
    return [name for box in boxes for name in box.names]
