"""The documented examples say what the program understands; those in Erlang and Elixir do what they
are for. examples_docker_test.py starts the others.
"""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import daemons
import examples
import needs
import network
from daemons import wait_until
from examples import DOCKERFILES, EXAMPLES, YAML
from nodes import COOKIE, Node, environment
from programs import Program, run

PATIENCE = 30
# What libcluster does for a strategy, as far as ours asks it.
LIBCLUSTER = """
defmodule Cluster.Strategy do
  defmacro __using__(_) do
    quote do
      @behaviour Cluster.Strategy
      @impl true
      def child_spec(state), do: %{id: __MODULE__, start: {__MODULE__, :start_link, [state]}}
      defoverridable child_spec: 1
    end
  end

  @callback child_spec(list) :: map
  @callback start_link(list) :: {:ok, pid}

  def connect_nodes(:web, connect, list, nodes), do: for_each(nodes -- all(list), connect)
  def disconnect_nodes(:web, disconnect, list, nodes),
    do: for_each(nodes -- (nodes -- all(list)), disconnect)

  defp all({module, function, arguments}), do: apply(module, function, arguments)
  defp for_each(nodes, {module, function, arguments}),
    do: Enum.each(nodes, &apply(module, function, arguments ++ [&1]))
end
"""
STATE = ("%{topology: :web, list_nodes: {:erlang, :nodes, [:connected]},"
         " connect: {:net_kernel, :connect_node, []},"
         " disconnect: {:erlang, :disconnect_node, []}}")


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Files(unittest.TestCase):
    def commands(self):
        """Every list of words with which Portolan is called, and where."""
        for path in YAML:
            yield from ((path, each) for each in examples.leaves(examples.documents(path))
                        if isinstance(each, list))
        for path in DOCKERFILES:
            yield from ((path, each) for each in examples.instructions(path).values())

    def portolans_commands(self):
        for path, words in self.commands():
            words = words[1:] if words[:1] == ["CMD"] else words
            if words and words[0].rpartition("/")[2] == "portolan":
                yield path, words[1:]

    def test_commands_of_ours_are_some_that_there_are(self):
        seen = list(self.portolans_commands())
        self.assertEqual({path.parent.name for path, _ in seen},
                         {"compose", "kubernetes", "rabbitmq"})
        for path, words in seen:
            with self.subTest(example=path.parent.name):
                # Another command in place of theirs; and there is no EPMD here to be asked.
                ours = [*words[:words.index("--")], "--", "true"] if "--" in words else words
                ours = [*ours, "--timeout", "1ms"] if ours[0] == "wait" else ours
                done = run(*ours)
                self.assertEqual(done.returncode, 0 if "--" in words else 1, done.stderr)
                self.assertNotIn("--help", done.stderr)

    def test_variables_of_ours_are_some_that_there_are(self):
        listed = set(re.findall(r"Env:(PORTOLAN_\w+)", run("serve", "--help").stdout))
        listed.add("PORTOLAN_COOKIE")
        for path in YAML:
            named = set(re.findall(r"PORTOLAN_\w+", path.read_text("utf-8")))
            with self.subTest(example=path.parent.name, file=path.name):
                self.assertEqual(bool(named), path.name != "networkpolicy.yaml")
                self.assertLessEqual(named, listed)

    def test_values_of_ours_are_understood(self):
        for path, given in self.environments():
            with self.subTest(example=path.parent.name):
                with Program("serve", environment=given) as daemon:
                    daemon.wait_for_log("listening on")

    def environments(self):
        """The variables for each container that has some of ours."""
        for path in YAML:
            text = path.read_text("utf-8")
            given = dict(re.findall(r"(PORTOLAN_\w+): ([\w.]+)$", text, re.MULTILINE))
            given |= dict(re.findall(r"name: (PORTOLAN_\w+), value: \"?([\w.:]+)\"?\}", text))
            if given:
                self.assertIn("PORTOLAN_DISCOVER", given)
                # RabbitMQ connects its brokers itself.
                self.assertEqual("PORTOLAN_PUSH" in given, path.parent.name != "rabbitmq")
                yield path, given | {"PORTOLAN_COOKIE": COOKIE}

class Receivers(unittest.TestCase):
    """Those who are told by --push message who is there, and connect."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.daemon = self.enterContext(Program(
            "serve", "--discover", "localhost", "--interval", "200ms", "--push", "message",
            environment={"PORTOLAN_COOKIE": COOKIE}))
        self.daemon.wait_for_log("listening on")

    def node(self, name, *flags, **further):
        made = Node(name, *flags, **further)
        self.addCleanup(made.end)
        return made

    def compile(self, compiler, *files):
        done = subprocess.run([needs.program(compiler), *files], cwd=self.folder, text=True,
                              capture_output=True, env=environment(), check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def check(self, told, asked="erlang nodes []"):
        """Who is there before and who comes later is connected; who leaves is not any more."""
        knows = lambda: sorted(re.findall(r"(\w+)@", told.call(asked)))
        wait_until(lambda: knows() == ["early"], "it knows the first", PATIENCE)
        late = self.node("late")
        wait_until(lambda: knows() == ["early", "late"], "it knows the second", PATIENCE)
        self.assertEqual(sorted(re.findall(r"(\w+)@", told.call("erlang nodes []"))),
                         ["early", "late"])
        late.end()
        wait_until(lambda: knows() == ["early"], "the second has left", PATIENCE)

    def test_the_listener_connects_to_those_who_are_there(self):
        self.compile("erlc", "-Werror", EXAMPLES / "portolan_listener.erl")
        self.node("early")
        told = self.node("told", "-pa", str(self.folder), "-s", "portolan_listener", "start_link")
        self.check(told, "portolan_listener members []")
        self.assertEqual(told.output(), "")

    def test_the_strategy_has_libcluster_connect_to_those_who_are_there(self):
        (self.folder / "libcluster.ex").write_text(LIBCLUSTER, "ascii")
        shutil.copy(EXAMPLES / "portolan_strategy.ex", self.folder)
        self.compile("elixirc", "--warnings-as-errors", "libcluster.ex", "portolan_strategy.ex")
        self.node("early")
        told = self.node("told", command=[
            needs.program("elixir"), "--sname", "told", "--cookie", COOKIE, "-pa", self.folder,
            "--no-halt", "-e", f"{{:ok, _}} = Portolan.Strategy.start_link([{STATE}])"])
        self.check(told)
        self.assertEqual(told.output(), "")


if __name__ == "__main__":
    unittest.main()
