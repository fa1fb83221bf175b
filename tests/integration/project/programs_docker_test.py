"""docs/PROGRAMS.md: what it says was tried is made and started as it says, from an empty folder.
The images that it would fetch are made of Debian's packages.
"""

import pathlib
import re
import tempfile
import unittest

import daemons
import followed
import typed
from docker_nodes import EJABBERD, complaints, image_of, together, wait_until
from documents import section
from followed import Project, wait_for_end

DOCUMENT = daemons.CHECKOUT / "docs/PROGRAMS.md"
# The package is there, and no network leads to another.
DEBIAN = f"FROM {image_of(EJABBERD)}\nRUN ln -s /bin/true /usr/local/bin/apt-get\n"
# What Phoenix.PubSub's default adapter does: a process of each node is in a group, and gets what
# the other nodes broadcast.
ROOM = """defmodule Room do
  def start, do: spawn(fn -> join() end) && :ok

  defp join do
    {:ok, _} = :pg.start_link(Phoenix.PubSub)
    Process.register(self(), Room)
    :pg.join(Phoenix.PubSub, Room, self())
    listen([])
  end

  defp listen(heard) do
    receive do
      {:forward_to_local, message} -> listen([message | heard])
      {:tell, asker} -> send(asker, {:heard, heard}) && listen(heard)
    end
  end

  def members, do: length(:pg.get_members(Phoenix.PubSub, Room))

  def broadcast(message) do
    for pid <- :pg.get_members(Phoenix.PubSub, Room), node(pid) != node(),
        do: send(pid, {:forward_to_local, message})
  end

  def heard do
    send(Room, {:tell, self()})
    receive do: ({:heard, heard} -> Enum.sort(heard))
  end
end
"""

harbour = None


def setUpModule():
    global harbour
    harbour = followed.make_harbour(EJABBERD)
    unittest.addModuleCleanup(harbour.end)
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "Dockerfile").write_text(DEBIAN, "ascii")
        harbour.docker("build", "--tag", "debian:bookworm-slim", folder)


class WithoutARelease(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.project = cls.enterClassContext(Project(harbour, DOCUMENT, "withoutarelease"))
        made = re.search(r"`(mix new [^`]+)`", section(DOCUMENT, "Elixir without a release"))[1]
        cls.project.follow([(made, "…\n"), (typed.written("lib/room.ex", ROOM), "")])
        cls.project.follow(cls.project.steps("Elixir without a release"))
        cls.members = cls.project.members("app", "app@{host}")
        cls.observer = cls.project.observer()

    def test_it_is_a_mesh_and_nothing_is_complained_of(self):
        self.observer.wait_for_mesh(self.members)
        for each in self.members:
            self.assertEqual(complaints(harbour.log(each.id)), [])

    def test_what_a_node_broadcasts_as_phoenix_does_reaches_the_others(self):
        self.observer.wait_for_mesh(self.members)
        self.ask_all("Room.start()")
        wait_until(lambda: self.ask_all("Room.members()") == ["3"] * 3, "all are in the group")
        self.ask_all("Room.broadcast(node())")
        names = [f":{each}" for each in self.members]
        heard = [sorted(set(names) - {own}) for own in names]
        expected = [f"[{', '.join(each)}]" for each in heard]
        wait_until(lambda: self.ask_all("Room.heard()") == expected, "each has heard both others")

    def ask_all(self, expression):
        return together([lambda node=node: self.ask(node, expression) for node in self.members])

    def ask(self, node, expression):
        return harbour.docker("exec", node.id, "elixir", "--hidden", "--sname", "asker", "--cookie",
                              node.cookie, "--rpc-eval", f"{node}", f"IO.inspect({expression})")


class Ejabberd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.project = cls.enterClassContext(Project(harbour, DOCUMENT, "xmpp"))
        cls.project.follow(cls.project.steps("ejabberd"))
        cls.members = cls.project.members("xmpp", "ejabberd@{host}")
        cls.observer = cls.project.observer()

    def control(self, member, *words):
        return harbour.docker("exec", member.id, "ejabberdctl", *words)

    def wait_until_joined(self):
        names = sorted(map(str, self.members))
        for each in self.members:
            running = lambda each=each: sorted(self.control(each, "list_cluster").split())
            wait_until(lambda running=running: running() == names, f"{each} lists all")

    def test_the_nodes_are_a_mesh_and_one_server(self):
        self.observer.wait_for_mesh(self.members)
        self.wait_until_joined()
        first, _, last = self.members
        self.control(first, "register", "alice", "localhost", "secret")
        self.control(last, "check_account", "alice", "localhost")
        with self.assertRaises(AssertionError):
            self.control(last, "check_account", "bob", "localhost")

    def test_what_asks_a_node_is_no_member_and_is_not_pushed(self):
        self.control(self.members[0], "status")
        self.observer.wait_for_mesh(self.members)
        for each in self.members:
            log = harbour.log(each.id)
            self.assertRegex(log, "registered '[^']+-ctl-ejabberd'")
            pushed = re.findall(r"pushed: (\S+) is connected to (\S+)", log)
            self.assertLessEqual({name for pair in pushed for name in pair},
                                 set(map(str, self.members)))
            self.assertEqual(complaints(log), [])

    def test_the_end_of_a_container_is_in_order_and_it_comes_back(self):
        for end, status in ((lambda last: harbour.docker("stop", last.id), 143),
                            (lambda last: self.control(last, "stop"), 0)):
            with self.subTest(status=status):
                self.wait_until_joined()
                *others, last = self.members
                ends = harbour.log(last.id).count("is stopped in the node")
                end(last)
                self.assertEqual(wait_for_end(harbour, last.id), status)
                self.assertEqual(harbour.log(last.id).count("is stopped in the node"), ends + 1)
                self.observer.wait_for_mesh(others)
                harbour.docker("start", last.id)
        self.observer.wait_for_mesh(self.members)
        self.wait_until_joined()


if __name__ == "__main__":
    unittest.main()
