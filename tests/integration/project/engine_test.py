"""scripts/engine: leaves the host alone, and nothing behind, whatever happens to it."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

import needs
from daemons import wait_until
from docker_engine import CHECKOUT, rootfs
from docker_nodes import in_memory

ENGINE = CHECKOUT / "scripts/engine"
NAMES = ("containers", "builder")


def setUpModule():
    needs.root()
    for program in ("dockerd", "docker", "debootstrap", "ip", "iptables-save", "setpriv"):
        needs.program(program)


def host_network():
    """The interfaces and firewall rules of this host."""
    shown = subprocess.run("ip -br link; iptables-save; cat /proc/sys/net/ipv4/ip_forward",
                           shell=True, check=True, text=True, stdout=subprocess.PIPE).stdout
    return [line for line in shown.splitlines() if not line.startswith((":", "#"))]


def processes(word):
    """The pids of those with `word` on their command line, besides this one."""
    found = set()
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if word.encode() in path.read_bytes():
                found.add(int(path.parent.name))
    return found - {os.getpid()}


class WithFolder(unittest.TestCase):
    def setUp(self):
        self.folder = self.new_folder()

    def new_folder(self):
        folder = tempfile.mkdtemp(prefix="engine-", dir=in_memory())
        self.addCleanup(self.engine, "down", folder=folder)
        return folder

    def engine(self, command, folder=None, program=(ENGINE,), stdin=None, **environment):
        environment |= {"PORTOLAN_ENGINE_DIR": folder or self.folder}
        return subprocess.run([*program, command], check=False, capture_output=True, text=True,
                              stdin=stdin, env=os.environ | environment, timeout=120)

    def up(self, folder=None):
        done = self.engine("up", folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def pid(self, name="containers"):
        return int(pathlib.Path(self.folder, name, "pid").read_text("ascii").split()[0])

    def docker(self, *arguments, folder=None):
        socket = f"unix://{folder or self.folder}/containers/docker.sock"
        done = subprocess.run(["docker", "--host", socket, *arguments], check=False,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def run_container(self, folder=None):
        """A container on a network; returns a word on its command line."""
        folder = folder or self.folder
        word = f"/{pathlib.Path(folder).name}"
        self.docker("import", str(rootfs("bookworm")), "base", folder=folder)
        self.docker("network", "create", "harbour", folder=folder)
        self.docker("run", "--detach", "--network", "harbour", "base",
                    "sh", "-c", f"sleep 1000 & wait; : {word}", folder=folder)
        return word

    def assert_nothing_runs(self, word):
        wait_until(lambda: not processes(word), f"nobody has {word} on its command line")
        self.assertNotIn(self.folder, pathlib.Path("/proc/mounts").read_text("utf-8"))

    def assert_nothing_is_left(self, word):
        self.assert_nothing_runs(word)
        self.assertFalse(os.path.exists(self.folder))
        self.assertFalse(self.has_cgroups())

    def has_cgroups(self):
        """Not by a glob, which fails where the group of another test ends meanwhile."""
        return any(self.cgroup() in folders for _, folders, _ in os.walk("/sys/fs/cgroup"))

    def cgroup(self):
        done = subprocess.run(["bash", "-c", f"printf %s {self.folder}/containers | sha256sum"],
                              check=True, capture_output=True, text=True)
        return f"portolan-{done.stdout[:12]}"


class UpAndDown(WithFolder):
    def test_it_prints_only_what_the_shell_is_to_evaluate(self):
        self.assertEqual(self.up(), f"export DOCKER_HOST=unix://{self.folder}/containers/"
                         f"docker.sock\nexport PORTOLAN_BUILDER=unix://{self.folder}/builder/"
                         "docker.sock\n")

    def test_up_again_changes_nothing(self):
        first = self.up(), self.pid("containers"), self.pid("builder")
        self.assertEqual((self.up(), self.pid("containers"), self.pid("builder")), first)
        self.assertEqual(self.engine("env").stdout, first[0])

    def test_two_at_the_same_moment_start_one(self):
        environment = os.environ | {"PORTOLAN_ENGINE_DIR": self.folder}
        both = [subprocess.Popen([ENGINE, "up"], stdout=subprocess.DEVNULL, env=environment)
                for _ in range(2)]
        self.assertEqual([each.wait(60) for each in both], [0, 0])
        self.assertEqual(len(processes(f"inside\0containers\0{self.folder}")), 2)

    def test_the_host_keeps_its_network_and_nothing_is_left(self):
        before = host_network()
        self.up()
        word = self.run_container()
        self.assertTrue(processes(word))
        self.assertEqual(host_network(), before)
        self.assertTrue(self.has_cgroups())
        self.assertEqual(self.engine("down").returncode, 0)
        self.assert_nothing_is_left(word)
        self.assertEqual(host_network(), before)

    def test_a_paused_container_holds_up_nobody(self):
        self.up()
        word = self.run_container()
        self.docker("pause", *self.docker("ps", "--quiet").split())
        self.assertEqual(self.engine("down").returncode, 0)
        self.assert_nothing_is_left(word)

    def test_engines_in_two_folders_do_not_know_each_other(self):
        other = self.new_folder()
        for folder in (self.folder, other):
            self.up(folder)
            self.run_container(folder)
        self.assertEqual(self.engine("down", other).returncode, 0)
        self.assertEqual(len(self.docker("ps", "--quiet").splitlines()), 1)

    def test_status_tells_what_runs(self):
        self.up()
        shown = self.engine("status")
        self.assertEqual(shown.returncode, 0)
        self.assertRegex(shown.stdout, r"containers: up .*\nbuilder: up ")
        self.engine("down")
        shown = self.engine("status")
        self.assertEqual((shown.returncode, shown.stdout), (1, "containers: down\nbuilder: down\n"))
        self.assertEqual(self.engine("env").returncode, 1)

    def test_down_without_up_is_harmless(self):
        self.assertEqual(self.engine("down").returncode, 0)
        self.assertEqual(self.engine("down").returncode, 0)


class Crashes(WithFolder):
    def test_its_processes_die_with_it(self):
        self.up()
        word = self.run_container()
        for name in NAMES:
            os.kill(self.pid(name), signal.SIGKILL)
        self.assert_nothing_runs(word)

    def test_its_processes_die_with_dockerd(self):
        self.up()
        word = self.run_container()
        for pid in processes(f"--data-root\0{self.folder}/containers/data"):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not processes(f"; : {word}"), "the container has ended")

    def test_up_and_down_work_after_a_crash(self):
        self.up()
        word = self.run_container()
        os.kill(self.pid(), signal.SIGKILL)
        self.up()
        self.assertEqual(self.docker("ps", "--quiet"), "")
        self.engine("down")
        self.assert_nothing_is_left(word)

    def test_down_ends_what_an_interrupted_up_began(self):
        for files in (("containers/log",), ("containers/pid",), ("builder/docker.sock",)):
            with self.subTest(files):
                environment = os.environ | {"PORTOLAN_ENGINE_DIR": self.folder}
                starting = subprocess.Popen([ENGINE, "up"], stdout=subprocess.DEVNULL,
                                            env=environment)
                wait_until(lambda: all(pathlib.Path(self.folder, file).exists()
                                       for file in files), f"{files} exist")
                starting.kill()
                starting.wait()
                self.assertEqual(self.engine("down").returncode, 0)
                self.assert_nothing_is_left(self.folder)

    def test_a_pid_that_is_now_somebody_elses_is_left_alone(self):
        other = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        os.mkdir(f"{self.folder}/containers")
        pathlib.Path(self.folder, "containers/pid").write_text(f"{other.pid} 1\n", "ascii")
        self.assertEqual(self.engine("down").returncode, 0)
        self.assertIsNone(other.poll())


class Hold(WithFolder):
    def hold(self):
        holder = subprocess.Popen([ENGINE, "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  env=os.environ | {"PORTOLAN_ENGINE_DIR": self.folder})
        self.addCleanup(holder.communicate)
        self.assertIn(b"export DOCKER_HOST=", holder.stdout.readline())
        return holder

    def test_it_lasts_until_standard_input_ends(self):
        holder = self.hold()
        self.assertEqual(self.docker("ps", "--quiet"), "")
        holder.stdin.close()
        holder.stdin = None
        self.assertEqual(holder.wait(30), 0)
        self.assert_nothing_is_left(self.folder)

    def test_it_lasts_until_a_signal(self):
        holder = self.hold()
        holder.terminate()
        self.assertEqual(holder.wait(30), 1)
        self.assert_nothing_is_left(self.folder)


class Errors(WithFolder):
    def path_without_docker(self):
        """A folder to be the PATH, with the host's programs but Docker's."""
        path = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, path)
        for folder in ("/usr/bin", "/usr/sbin"):
            for program in os.listdir(folder):
                if "docker" not in program and not os.path.lexists(f"{path}/{program}"):
                    os.symlink(f"{folder}/{program}", f"{path}/{program}")
        return path

    def assert_fails(self, done, text):
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(text, done.stderr)

    def test_without_root(self):
        # Opened by root: the checkout may lie where the user nobody may not enter.
        nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-s")
        with open(ENGINE, encoding="utf-8") as script:
            done = self.engine("up", program=nobody, stdin=script)
        self.assert_fails(done, "needs root")

    def test_without_docker(self):
        done = self.engine("up", PATH=self.path_without_docker())
        self.assert_fails(done, "there is no dockerd: apt-get install")

    def test_an_engine_that_does_not_start_shows_its_last_words(self):
        broken = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, broken)
        fake = pathlib.Path(broken, "dockerd")
        fake.write_text("#!/bin/sh\necho no room in this harbour\nexit 1\n", "ascii")
        fake.chmod(0o755)
        done = self.engine("up", PATH=f"{broken}:{os.environ['PATH']}")
        self.assert_fails(done, "no room in this harbour")
        self.assert_nothing_runs(self.folder)

    def test_a_folder_of_somebody_else(self):
        os.chown(self.folder, 65534, 65534)
        self.addCleanup(os.chown, self.folder, 0, 0)
        self.assert_fails(self.engine("up"), "somebody else's")


if __name__ == "__main__":
    unittest.main()
