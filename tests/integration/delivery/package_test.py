"""The Debian package on Debian 12 and 13: beside Erlang's epmd, in its place, and gone again."""

import re
import subprocess
import tempfile
import unittest

import debian_package
import docker_engine

SUITES = ("bookworm", "trixie")
OURS = "/usr/bin/portolan"
# A node starts the epmd that it finds, and is registered; tells the program that serves.
NODE = r"""
erl -noinput -sname pilot -eval 'io:format("~p~n", [net_adm:names(localhost)]), halt().'
for process in /proc/[0-9]*; do readlink $process/exe; done | grep -E 'portolan|epmd'
"""

package = None


def setUpModule():
    global package
    package = debian_package.build()


def with_version(machine, version):
    """The package with another version, as a file in there."""
    machine.do("sh", "-ec", f"""
        rm -rf /root/other; dpkg-deb -R {machine.package} /root/other
        sed -i 's/^Version: .*/Version: {version}/' /root/other/DEBIAN/control
        dpkg-deb -b /root/other /root/other.deb""")
    return "/root/other.deb"


def with_an_emulator(machine):
    """A package with the epmd of another emulator, as an upgrade of Erlang brings it."""
    machine.do("sh", "-ec", """
        mkdir -p /root/next/DEBIAN /root/next/usr/lib/erlang/erts-99.0/bin
        printf 'Package: erlang-next\nVersion: 99\nArchitecture: all\nMaintainer: x\n' \
            >/root/next/DEBIAN/control
        printf 'Description: another\n' >>/root/next/DEBIAN/control
        touch /root/next/usr/lib/erlang/erts-99.0/bin/epmd
        dpkg-deb -b /root/next /root/next.deb""")
    return "/root/next.deb"


class Journey:
    """In the order of their names: each test finds the machine as the one before has left it."""

    suite = None
    wanted = ()

    @classmethod
    def setUpClass(cls):
        cls.machine = debian_package.Machine(package, cls.suite, *cls.wanted)
        cls.addClassCleanup(cls.machine.remove)
        cls.machine.apt("update")

    def assert_a_node_is_registered_at(self, program):
        names, *programs = self.machine.alone(NODE).splitlines()
        self.assertRegex(names, r'^\{ok,\[\{"pilot",\d+\}\]\}$')
        (running,) = set(programs)  # a keeper and its server are one
        self.assertRegex(running, f"^{program}$")

    def assert_it_is_erlangs(self):
        self.assertEqual(self.machine.do("dpkg-divert", "--list", "portolan"), "")
        self.assertEqual(self.machine.run("portolan-epmd", "status").returncode, 1)
        self.assert_a_node_is_registered_at(r"/usr/lib/erlang/erts-[\d.]+/bin/epmd")

    def assert_it_is_ours(self):
        self.machine.do("portolan-epmd", "status")
        self.assertEqual(self.machine.link("usr/bin/epmd"), OURS)
        self.assert_a_node_is_registered_at(OURS)


class ErlangAfter(Journey):
    def test_1_it_is_installed_with_what_it_needs(self):
        self.machine.apt("install", self.machine.package)
        self.assertRegex(self.machine.do("portolan", "--version"), r"^portolan [\d.]+$")
        self.assertFalse(self.machine.has("usr/bin/epmd"))

    def test_2_it_serves(self):
        said = self.machine.alone("portolan serve & until portolan names; do :; done")
        self.assertIn("listening on", said)

    def test_2_it_asks_a_dns_that_is_not_there(self):
        """With the c-ares of this machine, which is another than that of where it was built."""
        asked = "portolan discover --nameservers 127.0.0.1:9 web || test $? = 1"
        self.assertIn("cannot resolve web: 127.0.0.1", self.machine.alone(asked))

    def test_3_it_is_the_epmd_of_a_machine_that_has_none(self):
        self.machine.do("portolan-epmd", "enable")
        self.assertIn("usage: epmd", self.machine.do("sh", "-c", "epmd -help || :"))

    def test_4_it_stays_so_when_erlang_comes(self):
        self.machine.apt("install", "erlang-base")
        self.assert_it_is_ours()

    def test_5_an_upgrade_of_erlang_does_not_bring_its_own_back(self):
        self.machine.apt("install", "--reinstall", "erlang-base")
        self.assert_it_is_ours()
        self.machine.do("dpkg", "-i", with_an_emulator(self.machine))
        self.assertEqual(self.machine.link("usr/lib/erlang/erts-99.0/bin/epmd"), OURS)
        self.machine.do("dpkg", "-r", "erlang-next")
        self.assertFalse(self.machine.has("usr/lib/erlang/erts-99.0"))
        self.assert_it_is_ours()

    def test_6_nor_does_an_upgrade_of_ours(self):
        self.machine.do("dpkg", "-i", with_version(self.machine, "99-1"))
        self.assert_it_is_ours()

    def test_7_it_stays_when_erlang_goes(self):
        self.machine.apt("purge", "--autoremove", "erlang-base")
        self.assertFalse(self.machine.has("usr/lib/erlang"))
        self.assertEqual(self.machine.link("usr/bin/epmd"), OURS)

    def test_8_nothing_of_it_is_left(self):
        self.machine.apt("purge", "--autoremove", "portolan")
        left = [path for path in self.machine.snapshot() if re.search("portolan|epmd", path)]
        self.assertEqual(left, [])
        self.assertEqual(self.machine.do("dpkg-divert", "--list", "*epmd*"), "")


class ErlangBefore(Journey):
    wanted = ("erlang-base", "python3-minimal")

    def test_1_installed_it_leaves_erlangs_in_its_place(self):
        self.machine.apt("install", self.machine.package)
        self.machine.do("dpkg", "--purge", "portolan")
        type(self).before = self.machine.snapshot()
        self.machine.do("dpkg", "-i", self.machine.package)
        self.assert_it_is_erlangs()

    def test_2_it_takes_its_place_when_it_is_told_to_and_gives_it_back(self):
        said = self.machine.alone("epmd -daemon; portolan-epmd enable")
        self.assertRegex(said, r"`portolan takeover \d+` goes on in its place")
        self.assert_it_is_ours()
        self.machine.do("portolan-epmd", "disable")
        self.assert_it_is_erlangs()

    def test_3_purged_in_its_place_it_leaves_all_as_it_was(self):
        self.machine.do("portolan-epmd", "enable")
        self.machine.do("dpkg", "--purge", "portolan")
        after = self.machine.snapshot()
        self.assertEqual({path for path in self.before if self.before[path] != after.get(path)}, set())
        self.assertEqual(set(after) - set(self.before), set())


class Bookworm(ErlangAfter, unittest.TestCase):
    suite = "bookworm"


class Trixie(ErlangAfter, unittest.TestCase):
    suite = "trixie"


class BookwormWithErlang(ErlangBefore, unittest.TestCase):
    suite = "bookworm"


class TrixieWithErlang(ErlangBefore, unittest.TestCase):
    suite = "trixie"


if __name__ == "__main__":
    unittest.main()
