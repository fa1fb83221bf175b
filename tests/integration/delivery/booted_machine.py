"""A machine with systemd that is booted in a root file system, and a client of its EPMD."""

import os
import pathlib
import signal
import subprocess

import needs
from daemons import wait_until

ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
               "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
PATIENCE = 60


# Into a control group of its own, as two machines in one would end each other's processes; and into
# a process namespace, whose end is the end of all in it. A machine allows pidfd_getfd, which nspawn
# does not.
BOOT = """
for tree in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    [ -e $tree/cgroup.procs ] || continue
    mkdir $tree/$1
    echo $$ >$tree/$1/cgroup.procs
done
exec unshare --pid --fork --kill-child --mount-proc systemd-nspawn --quiet --register=no \
    --keep-unit --private-network --system-call-filter=pidfd_getfd --console=read-only --boot \
    --directory "$2"
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

    def command(self, *command):
        return ["nsenter", f"--target={self._first}", "--all", "--", *command]

    def run(self, *command):
        return subprocess.run(self.command(*command),
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
            self.end()

    def end(self):
        """At once: its programs need not end well."""
        self._running.kill()
        self._running.wait()
        wait_until(self._has_no_group, "its control groups are gone", PATIENCE)

    def _has_no_group(self):
        groups = [f"/sys/fs/cgroup/{tree}{self.group}" for tree in ("", "systemd/", "unified/")]
        groups = [group for group in groups if os.path.exists(group)]
        for group in groups:
            subprocess.run(["find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"],
                           check=False, stderr=subprocess.DEVNULL)
        return not any(map(os.path.exists, groups))


# An EPMD that is asked all the time, by a program that stays in its place. `missed` is written to when
# the node is not told.
ASKER = """
cd /opt
mkdir -p asker
cp $(command -v epmd) asker/epmd
while [ ! -e over ]; do
    asker/epmd -names >told 2>&1 && grep -q 'name harbour' told || cat told >>missed
    echo >>asked
done
"""


class Asked:
    """Asks for the names while something happens; none may be missed."""

    def __init__(self, booted):
        self._booted = booted

    def __enter__(self):
        self._booted.do("sh", "-c", "cd /opt && rm -rf over missed told asked asker && touch missed")
        self._asker = subprocess.Popen(self._booted.command("sh", "-c", ASKER), env=ENVIRONMENT,
                                       stdin=subprocess.DEVNULL)
        self._wait_for_more()
        return self

    def _wait_for_more(self):
        count = self._count()
        wait_until(lambda: self._count() > count + 10, "the names are asked for", PATIENCE)

    def _count(self):
        return len(self._booted.run("cat", "/opt/asked").stdout.split("\n"))

    def __exit__(self, kind, *_):
        if kind is None:
            self._wait_for_more()
        self._booted.do("touch", "/opt/over")
        self._asker.wait(PATIENCE)
        missed = self._booted.do("cat", "/opt/missed")
        assert kind or missed == "", missed[-1000:]
