"""The Debian package where systemd runs: a machine is booted, on which the epmd changes hands while a
node is registered."""

import os
import pathlib
import signal
import subprocess
import unittest

import debian_package
import needs
from daemons import wait_until

# systemd, Erlang, and what our package depends on: there is no network in there.
WANTED = ("erlang-base", "libc-ares2", "libuv1", "systemd-sysv")
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
               "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
PATIENCE = 60


# Into a control group of its own, as two machines in one would end each other's processes; and into
# a process namespace, whose end is the end of all in it.
BOOT = """
for tree in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    [ -e $tree/cgroup.procs ] || continue
    mkdir $tree/$1
    echo $$ >$tree/$1/cgroup.procs
done
exec unshare --pid --fork --kill-child --mount-proc systemd-nspawn --quiet --register=no \
    --keep-unit --private-network --console=read-only --boot --directory "$2"
"""


class Booted:
    """A machine that runs, with a network of its own that leads nowhere."""

    def __init__(self, machine):
        needs.program("systemd-nspawn")
        self.machine = machine
        self.group = f"portolan-test-{os.getpid()}"
        (machine.path / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
        (machine.path / "etc/machine-id").write_text(f"{1:032x}\n")
        self.boot()

    def boot(self):
        self._running = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "sh", "-euc", BOOT, "sh", self.group,
             self.machine.path],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._nspawn = wait_until(lambda: self.child_of(self._running.pid, "systemd-nspawn"),
                                  "nspawn runs", PATIENCE)
        self._first = wait_until(lambda: self.child_of(self._nspawn, "systemd"), "it boots",
                                 PATIENCE)
        wait_until(lambda: self.run("systemctl", "is-system-running").stdout.strip() == "running",
                   "it is up", PATIENCE)

    @staticmethod
    def child_of(pid, name):
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        try:
            named = [child for child in children
                     if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == name]
        except OSError:  # it has just ended
            return None
        return int(named[0]) if named else None

    def run(self, *command):
        return subprocess.run(["nsenter", f"--target={self._first}", "--all", "--", *command],
                              env=ENVIRONMENT, text=True, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)

    def do(self, *command):
        done = self.run(*command)
        assert done.returncode == 0, f"{command}: {done.stdout}"
        return done.stdout

    def halt(self):
        try:
            os.kill(self._nspawn, signal.SIGTERM)  # it has the machine power off
            self._running.wait(PATIENCE)
        finally:
            self._running.kill()
            self._running.wait()
            for tree in ("", "systemd/", "unified/"):
                subprocess.run(["find", f"/sys/fs/cgroup/{tree}{self.group}", "-depth", "-type",
                                "d", "-exec", "rmdir", "{}", "+"], check=False,
                               stderr=subprocess.DEVNULL)


class Systemd(unittest.TestCase):
    """In the order of their names: each finds the machine as the one before has left it."""

    @classmethod
    def setUpClass(cls):
        package = debian_package.build()
        cls.machine = debian_package.Machine(package, "bookworm", *WANTED)
        cls.addClassCleanup(cls.machine.remove)
        cls.booted = Booted(cls.machine)
        cls.addClassCleanup(cls.booted.halt)
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

    def assert_it_is_erlangs(self):
        self.assert_it_is_registered()
        (serving,) = self.serving()
        self.assertRegex(serving, r"^/usr/lib/erlang/erts-[\d.]+/bin/epmd epmd.service$")

    def test_1_installed_it_leaves_erlangs_in_its_place(self):
        self.start_node()
        self.do("dpkg", "-i", "/opt/portolan.deb")
        self.assert_it_is_erlangs()

    def test_2_told_to_it_takes_its_place_and_the_node_comes_back(self):
        self.do("portolan-epmd", "enable")
        self.assert_it_is_ours()

    def test_3_what_an_upgrade_of_erlang_does_changes_nothing(self):
        self.do("/var/lib/dpkg/info/erlang-base.prerm", "upgrade", "99")
        self.do("/var/lib/dpkg/info/erlang-base.postinst", "configure", "1")
        self.assert_it_is_ours()

    def test_4_an_upgrade_of_ours_is_not_noticed_by_the_node(self):
        before = self.connection(), self.main_process()
        self.do("dpkg", "-i", "/opt/portolan.deb")
        self.assert_it_is_ours()
        self.assertEqual((self.connection(), self.main_process()), before)
        self.assertIn("names kept: 1,", self.do("journalctl", "--no-pager", "--unit=portolan"))

    def test_4_so_is_a_crash_of_the_server(self):
        before = self.connection(), self.main_process()
        children = f"/proc/{before[1]}/task/{before[1]}/children"
        server = self.do("cat", children).strip()
        self.do("kill", "-KILL", server)
        wait_until(lambda: self.do("cat", children).strip() not in ("", server),
                   "there is another server", PATIENCE)
        self.assert_it_is_ours()
        self.assertEqual((self.connection(), self.main_process()), before)

    def test_4_so_is_a_restart_of_the_service(self):
        before = self.connection(), self.main_process()
        self.do("systemctl", "restart", "portolan.service")
        self.assert_it_was_restarted(before)

    def test_4_so_is_the_end_of_its_main_process(self):
        before = self.connection(), self.main_process()
        self.do("kill", "-KILL", before[1])
        wait_until(lambda: self.main_process() not in ("0", before[1]), "it runs again", PATIENCE)
        self.assert_it_was_restarted(before)

    def assert_it_was_restarted(self, before):
        self.assert_it_is_ours()
        self.assertEqual(self.connection(), before[0])
        self.assertNotEqual(self.main_process(), before[1])
        self.do("systemctl", "daemon-reexec")
        self.assertEqual(self.do("systemctl", "show", "--property=NFileDescriptorStore", "--value",
                                 "portolan.service").strip(), "3")

    def main_process(self):
        return self.do("systemctl", "show", "--property=MainPID", "--value",
                       "portolan.service").strip()

    def connection(self):
        """The node's end of its connection to the EPMD, as the kernel numbers it."""
        connections = self.do("cat", "/proc/net/tcp", "/proc/net/tcp6").splitlines()
        found = [fields[9] for fields in map(str.split, connections)
                 if fields[2].endswith(":1111") and fields[3] == "01"]  # to port 4369, connected
        self.assertEqual(len(found), 1, connections)
        return found[0]

    def test_5_it_is_so_after_the_next_boot(self):
        self.booted.halt()
        self.booted.boot()
        self.start_node()
        self.assert_it_is_ours()

    def test_6_systemd_has_nothing_to_complain_of(self):
        said = self.do("journalctl", "--no-pager", "_PID=1")
        self.assertIn("portolan.socket", said)
        for line in said.splitlines():
            if ("portolan" in line or "epmd" in line) and "result 'signal'" not in line:  # ours
                self.assertNotRegex(line, "(?i)drop|fail|conflict|error|refus|cannot")

    def test_7_it_gives_the_place_back(self):
        self.do("portolan-epmd", "disable")
        self.assert_it_is_erlangs()

    def test_8_it_takes_it_from_one_that_erl_has_started(self):
        self.do("systemctl", "stop", "epmd.socket", "epmd.service")
        self.do("epmd", "-daemon")
        self.assert_it_is_registered()
        self.do("portolan-epmd", "enable")
        self.assert_it_is_ours()

    def test_9_removed_it_leaves_erlangs_as_it_was(self):
        self.do("dpkg", "--purge", "portolan")
        self.assert_it_is_erlangs()
        links = self.do("find", "/etc/systemd", "-name", "*portolan*", "-o", "-lname", "*portolan*")
        self.assertEqual(links, "")


if __name__ == "__main__":
    unittest.main()
