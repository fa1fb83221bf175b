"""The push, to what is not started by `erl`: Elixir, its releases and its shell; and RabbitMQ."""

import os
import re
import unittest

from container_terminals import Terminal
from docker_nodes import COOKIE, PROGRAMS, Harbour, together, wait_until
from push_nodes import Observer, members, named

NET = "works"
ONE_PROCESSOR = ("--env", "ERL_FLAGS=+S 1:1")
RELEASE = "cd /tmp && mix new app && cd app && MIX_ENV=prod mix release --path /harbour/release"
RABBITS_COOKIE = "/var/lib/rabbitmq/.erlang.cookie"

harbour = None
observer = None


def setUpModule():
    global harbour, observer
    harbour = Harbour((PROGRAMS,))
    unittest.addModuleCleanup(harbour.end)
    harbour.network(NET)
    observer = Observer(harbour, NET, PROGRAMS)


def box(name, *options, **further):
    return named(harbour, name, *ONE_PROCESSOR, *options, network=NET, otp=PROGRAMS, **further)


class Elixir(unittest.TestCase):
    def test_a_script_a_shell_and_a_release_are_a_cluster(self):
        done = harbour.shell("observer", RELEASE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        made = together([
            lambda: box("script", alias="elixir", command=(
                f"elixir --sname node --cookie {COOKIE} --no-halt -e :ok")),
            lambda: box("shell", "--interactive", "--tty", alias="elixir", command=(
                f"iex --sname node --cookie {COOKIE}")),
            lambda: box("release", "--env", f"RELEASE_COOKIE={COOKIE}", "--env", "RELEASE_TMP=/tmp",
                        alias="elixir", names=("app@{host}",), cookie=None,
                        command="/harbour/release/bin/app start")])
        observer.wait_for_mesh(made)
        script, shell, release = made
        for each in (script, release):
            with self.subTest(each):
                self.assertEqual(each.said(), "")
                self.assertEqual(each.complaints(), [])
        self.check_shell(shell)

    def check_shell(self, shell):
        """It has the terminal: what is typed reaches it, and its end is that of the container."""
        terminal = Terminal(harbour, "attach", shell.id)
        self.addCleanup(terminal.end)
        terminal.type('IO.puts(Enum.join(Enum.sort(Node.list()), " and "))')
        terminal.wait_for("app@release and node@script")
        terminal.type("System.halt(7)")
        state = lambda: harbour.inspect(shell.id)["State"]
        wait_until(lambda: state()["Status"] == "exited", "the shell has ended")
        self.assertEqual(state()["ExitCode"], 7)


class RabbitMq(unittest.TestCase):
    def test_brokers_are_connected_without_a_plug_in(self):
        made = self.start("rabbit1", "rabbit2")
        observer.wait_for_mesh(made)
        for each in made:
            with self.subTest(each):
                # Neither what a broker starts for a moment before itself, nor what asks it.
                up = harbour.shell(each.id, "rabbitmqctl await_startup && rabbitmqctl eval 'nodes().'")
                other, = set(members(made)) - set(each.names)
                self.assertIn(other.partition("@")[2], up.stdout)
                wait_until(each.events, f"{each} has looked around since the other is there")
                self.assertEqual({name for _, name in each.events()}, {other})
                for name, to in each.pushed():
                    self.assertEqual((name, to), (f"{each}", other))
                log = harbour.shell(each.id, "cat /var/log/rabbitmq/*.log").stdout
                self.assertIn("Server startup complete", log)
                ours = re.findall(r".*(?:@epmd|Connection attempt|\[error\]).*", log)
                self.assertEqual(ours, [])
                self.assertNotIn(" error ", each.log())

    @staticmethod
    def start(*names):
        cookie = harbour.folder / "rabbit.cookie"
        cookie.write_text(COOKIE, "ascii")
        cookie.chmod(0o400)
        user = int(harbour.shell("observer", "id -u rabbitmq").stdout)
        os.chown(cookie, user, user)
        return together([lambda name=name: box(
            name, "--volume", f"{cookie}:{RABBITS_COOKIE}", alias="rabbits", cookie=None,
            arguments=f"--cookie-file {RABBITS_COOKIE}", names=("rabbit@{host}",),
            command="rabbitmq-server") for name in names])


if __name__ == "__main__":
    unittest.main()
