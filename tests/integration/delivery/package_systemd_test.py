"""The Debian package where systemd runs: the epmd of a booted machine changes hands, and the service
ends in each way that there is, while a node is registered."""

import json
import re
import shutil
import unittest

import debian_package
from booted_machine import PATIENCE, Asked, Booted
from daemons import wait_until

# systemd, Erlang, and what our package depends on: there is no network in there.
WANTED = {"bookworm": ("erlang-base", "libc-ares2", "libuv1", "systemd-sysv"),
          "trixie": ("erlang-base", "libcares2", "libuv1t64", "systemd-sysv")}

package = None


def setUpModule():
    global package
    package = debian_package.build()


class Machine(unittest.TestCase):
    """A booted machine with the package as a file."""

    suite = None

    @classmethod
    def setUpClass(cls):
        cls.machine = debian_package.Machine(package, cls.suite, *WANTED[cls.suite])
        cls.addClassCleanup(cls.machine.remove)
        cls.booted = Booted(cls.machine)
        cls.addClassCleanup(cls.booted.end)
        (cls.machine.path / "opt/portolan.deb").write_bytes(package.read_bytes())

    def do(self, *command):
        return self.booted.do(*command)

    def start_node(self):
        self.do("erl", "-noinput", "-sname", "harbour", "-detached")
        self.assert_it_is_registered()

    def assert_it_is_registered(self):
        wait_until(lambda: "name harbour" in self.booted.run("epmd", "-names").stdout,
                   "the node is registered", PATIENCE)

    def serving(self):
        """The programs that are an EPMD, and for which unit they run."""
        found = self.do("sh", "-c", r"""
            for process in /proc/[0-9]*; do
                case $(readlink $process/exe) in
                /opt/asker/*) ;;
                */epmd | */epmd.otp | */portolan)
                    echo $(readlink $process/exe) $(sed -n 's/^.*name=systemd:.*\///p' \
                        $process/cgroup) ;;
                esac
            done""")
        return found.split("\n")[:-1]

    def assert_it_is_ours(self):
        self.assert_it_is_registered()
        self.assertEqual(set(self.serving()), {"/usr/bin/portolan portolan.service"})
        for unit in ("epmd.socket", "epmd.service"):
            self.assertEqual(self.do("systemctl", "show", "--property=Id", unit),
                             f"Id={unit.replace('epmd', 'portolan')}\n")
        # The service's own user, not root.
        self.assertNotEqual(self.do("stat", "-c", "%u", f"/proc/{self.main_process()}").strip(), "0")
        self.assertEqual(self.booted.run("systemctl", "is-system-running").stdout, "running\n")

    def assert_it_is_erlangs(self):
        self.assert_it_is_registered()
        (serving,) = self.serving()
        self.assertRegex(serving, r"^/usr/lib/erlang/erts-[\d.]+/bin/epmd epmd.service$")

    def main_process(self, unit="portolan.service"):
        return self.do("systemctl", "show", "--property=MainPID", "--value", unit).strip()

    def stored(self):
        return int(self.do("systemctl", "show", "--property=NFileDescriptorStore", "--value",
                           "portolan.service"))

    def connection(self):
        """The node's end of its connection to the EPMD, as the kernel numbers it."""
        connections = self.do("cat", "/proc/net/tcp", "/proc/net/tcp6").splitlines()
        found = [fields[9] for fields in map(str.split, connections)
                 if fields[2].endswith(":1111") and fields[3] == "01"]  # to port 4369, connected
        self.assertEqual(len(found), 1, connections)
        return found[0]

    def assert_no_node_notices_its_ends(self, stored):
        """What may end of the service, one after the other; `stored` is how much systemd keeps."""
        before = self.connection()
        with Asked(self.booted):
            for end in (self.upgrade_package, self.kill_server, self.restart, self.kill_keeper):
                with self.subTest(end.__name__):
                    end()
                    self.do("systemctl", "daemon-reexec")
                    self.assert_it_is_ours()
                    self.assertEqual(self.stored(), stored)
        self.assertEqual(self.connection(), before)

    def upgrade_package(self):
        before = self.main_process()
        self.do("dpkg", "-i", "/opt/portolan.deb")
        self.assertEqual(self.main_process(), before)
        self.assertIn("names kept: 1,", self.do("journalctl", "--no-pager", "--unit=portolan"))

    def kill_server(self):
        before = self.main_process()
        children = f"/proc/{before}/task/{before}/children"
        server = self.do("cat", children).strip()
        self.do("kill", "-KILL", server)
        wait_until(lambda: self.do("cat", children).strip() not in ("", server),
                   "there is another server", PATIENCE)
        self.assertEqual(self.main_process(), before)

    def restart(self):
        before = self.main_process()
        self.do("systemctl", "restart", "portolan.service")
        self.assertNotEqual(self.main_process(), before)

    def kill_keeper(self):
        before = self.main_process()
        self.do("kill", "-KILL", before)
        wait_until(lambda: self.main_process() not in ("0", before), "it runs again", PATIENCE)

    def enable_unnoticed(self):
        """Returns what it says."""
        before = self.connection()
        with Asked(self.booted):
            said = self.do("portolan-epmd", "enable")
            self.assert_it_is_ours()
        self.assertEqual(self.connection(), before)
        self.assert_the_service_has_the_port()
        return said

    def stop_and_start(self):
        self.do("systemctl", "stop", "portolan.service")
        self.do("systemctl", "reset-failed")  # systemd limits how often a service starts
        self.do("systemctl", "start", "portolan.service")
        self.assert_the_service_has_the_port(False)

    def assert_the_service_has_the_port(self, has=True):
        state = self.booted.run("systemctl", "is-active", "portolan.socket").stdout
        self.assertEqual(state, "inactive\n" if has else "active\n")
        told = "portolan.service has the port" in self.do("portolan-epmd", "status")
        self.assertEqual(told, has)


class Bookworm(Machine):
    """In the order of their names: each finds the machine as the one before has left it."""

    suite = "bookworm"

    def test_1_installed_it_leaves_erlangs_in_its_place(self):
        self.start_node()
        self.do("dpkg", "-i", "/opt/portolan.deb")
        self.assert_it_is_erlangs()

    def test_2_with_a_wrong_option_of_the_service_nothing_is_done(self):
        before = self.connection(), self.serving()
        said = self.refused(["ExecStart=", "ExecStart=/usr/bin/portolan serve --colour"])
        self.assertIn("Nothing was changed", said)
        self.assertEqual((self.connection(), self.serving()), before)
        self.do("systemctl", "is-active", "epmd.socket")

    def test_2_a_takeover_that_fails_is_undone(self):
        before = self.connection()
        with Asked(self.booted):
            taken = self.do("epmd", "-names").split()[-1]  # the node's port
            said = self.refused([f"Environment=PORTOLAN_HTTP=127.0.0.1:{taken}"])
        (process,) = re.findall(r"The EPMD goes on as\nprocess (\d+)", said)
        self.assertEqual(self.connection(), before)
        self.do("kill", process)
        self.do("systemctl", "start", "epmd.socket")
        self.assert_it_is_erlangs()

    def test_2_one_that_does_not_answer_is_left_alone(self):
        before, process = self.connection(), self.main_process("epmd.service")
        self.do("kill", "-STOP", process)
        refused = self.booted.run("portolan-epmd", "enable")
        self.do("kill", "-CONT", process)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("does not answer as an EPMD does", refused.stdout)
        self.assert_it_is_erlangs()
        self.assertEqual(self.connection(), before)

    def refused(self, settings):
        """What enabling says with such settings of the service, by an administrator."""
        folder = self.machine.path / "etc/systemd/system/portolan.service.d"
        folder.mkdir()
        (folder / "options.conf").write_text("\n".join(["[Service]", *settings, ""]))
        self.do("systemctl", "daemon-reload")
        refused = self.booted.run("portolan-epmd", "enable")
        self.assertEqual(refused.returncode, 1, refused.stdout)
        self.assertIn("see journalctl -u portolan.service", refused.stdout)
        self.assert_it_is_registered()
        self.assertEqual(self.booted.run("portolan-epmd", "status").returncode, 1)
        shutil.rmtree(folder)
        self.do("systemctl", "daemon-reload")
        self.do("systemctl", "reset-failed", "portolan.service")
        self.assertEqual(self.do("find", "/run/systemd/system", "/etc/systemd", "-name", "*portolan*"),
                         "")
        return refused.stdout

    def test_3_told_to_it_takes_its_place_and_the_node_does_not_notice(self):
        said = self.do("journalctl", "--no-pager", "--lines=0", "--show-cursor")
        type(self).cursor = said.split("cursor: ")[1].strip()
        advice = json.loads(self.do("portolan", "doctor", "--migrate", "--json"))
        self.assertIn("epmd.service with epmd.socket", advice["start"])
        self.assertEqual([step["lines"] for step in advice["steps"]], [["portolan-epmd enable"]])
        self.assertIn("1 names, with their connections", self.enable_unnoticed())

    def test_4_what_an_upgrade_of_erlang_does_changes_nothing(self):
        self.do("/var/lib/dpkg/info/erlang-base.prerm", "upgrade", "99")
        self.do("/var/lib/dpkg/info/erlang-base.postinst", "configure", "1")
        self.assert_it_is_ours()

    def test_4_told_to_again_it_changes_nothing(self):
        before = self.connection(), self.main_process()
        self.do("portolan-epmd", "enable")
        self.assertEqual((self.connection(), self.main_process()), before)

    def test_5_no_node_notices_what_ends_of_it(self):
        self.assert_no_node_notices_its_ends(stored=4)  # with the port

    def test_6_it_is_so_after_the_next_boot(self):
        self.booted.halt()
        self.booted.boot()
        self.start_node()
        self.assert_it_is_ours()
        self.assert_the_service_has_the_port(False)
        self.assert_no_node_notices_its_ends(stored=3)

    def test_7_systemd_has_nothing_to_complain_of(self):
        said = self.do("journalctl", "--no-pager", f"--after-cursor={self.cursor}", "_PID=1")
        self.assertIn("portolan.socket", said)
        for line in said.splitlines():
            if ("portolan" in line or "epmd" in line) and "result 'signal'" not in line:  # ours
                self.assertNotRegex(line, "(?i)drop|fail|conflict|error|refus|cannot")

    def test_8_it_gives_the_place_back(self):
        said = self.do("portolan-epmd", "disable")
        self.assertIn("older ones must be restarted:\nharbour\n", said)
        self.assert_it_is_erlangs()

    def start_by_hand(self, command):
        """Has the node register with another EPMD, which is no service."""
        self.do("systemctl", "stop", "epmd.socket", "epmd.service")
        process = self.do("sh", "-c", f"{command} >/dev/null 2>&1 & echo $!").strip()
        self.assert_it_is_registered()
        return process

    def test_9_one_that_cannot_be_taken_over_is_left_alone(self):
        process = self.start_by_hand("portolan run -- sleep infinity")
        before = self.connection()
        refused = self.booted.run("portolan-epmd", "enable")
        self.assertEqual(refused.returncode, 1)
        for said in ("which would lose its parent", "Nothing was changed", "register again"):
            self.assertIn(said, refused.stdout)
        self.assertEqual(self.connection(), before)
        self.assertEqual(self.booted.run("portolan-epmd", "status").returncode, 1)
        self.do("kill", process)

    def test_9_those_that_are_no_service_are_taken_over(self):
        for command in ("portolan serve", "epmd"):
            with self.subTest(command):
                self.start_by_hand(command)
                self.enable_unnoticed()
                self.assertEqual(self.stored(), 5)  # with two sockets that listen
                self.restart()
                self.assert_it_is_ours()
                self.stop_and_start()
                self.do("portolan-epmd", "disable")
        self.do("portolan-epmd", "enable")

    def test_removed_it_leaves_erlangs_as_it_was(self):
        self.do("dpkg", "--purge", "portolan")
        self.assert_it_is_erlangs()
        links = self.do("find", "/etc/systemd", "-name", "*portolan*", "-o", "-lname", "*portolan*")
        self.assertEqual(links, "")


class Trixie(Machine):
    """Its systemd is 257, whose store is another."""

    suite = "trixie"

    def test_no_node_notices_that_it_takes_the_place_and_what_ends_of_it(self):
        self.assertTrue(self.do("systemctl", "--version").startswith("systemd 257 "))
        self.start_node()
        self.do("dpkg", "-i", "/opt/portolan.deb")
        self.assert_it_is_erlangs()
        self.enable_unnoticed()
        self.assert_no_node_notices_its_ends(stored=4)
        self.stop_and_start()
        self.assert_it_is_ours()
        self.assert_no_node_notices_its_ends(stored=3)


if __name__ == "__main__":
    unittest.main()
