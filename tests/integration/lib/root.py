"""Root file systems in which commands run as on a machine of their own, but with this one's network."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import docker_engine
import needs
from docker_engine import CHECKOUT

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Mounts what programs expect, and what was bound; the namespaces' end takes it along.
_ENTER = """
root=$1; shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
while [ "$1" != -- ]; do mkdir -p "$root$2"; mount --bind "$1" "$root$2"; shift 2; done
shift
# Not chroot alone, in which the kernel allows no user namespace.
cd "$root"
mkdir -p mnt
pivot_root . mnt
exec chroot . sh -ec 'umount -l /mnt; exec "$@"' sh "$@"
"""


def cache():
    """Where what takes long to make is kept, as scripts/rootfs does."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = pathlib.Path(os.environ.get("PORTOLAN_CACHE") or f"{home}/portolan")
    path.mkdir(parents=True, exist_ok=True)
    return path


def in_memory(room):
    """A folder in memory, where much is unpacked and removed in no time; None without that room."""
    place = "/dev/shm"
    has_room = os.path.isdir(place) and shutil.disk_usage(place).free > room
    return place if has_room else None


def checkout_files():
    """All files of the checkout that git knows, or would know if they were added."""
    done = subprocess.run(["git", "-c", f"safe.directory={CHECKOUT}", "-C", CHECKOUT, "ls-files",
                           "-co", "--exclude-standard", "-z"], check=True, stdout=subprocess.PIPE)
    names = [name for name in done.stdout.decode().split("\0") if name]
    return [name for name in names if (CHECKOUT / name).exists()]


def packages(*groups):
    """What scripts/packages lists under these headings."""
    found, heading = [], None
    for line in (CHECKOUT / "scripts/packages").read_text("utf-8").splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
        elif line and not line.startswith("#") and heading in groups:
            found.append(line)
    return found


class Root:
    """An unpacked root file system; a context manager that removes it."""

    def __init__(self, suite, *wanted, is_unpacked=False, place=None):
        """In a folder below `place`, else where temporary things are."""
        tar = docker_engine.rootfs(suite, *wanted, is_unpacked=is_unpacked)
        self.made = f"{tar.stem}-{tar.stat().st_mtime_ns}"
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="portolan-root-", dir=place))
        self.binds = {}
        try:
            subprocess.run(["tar", "-C", self.path, "-xpf", tar], check=True)
            shutil.copy("/etc/resolv.conf", self.path / "etc/resolv.conf")
        except BaseException:
            self.remove()
            raise

    def bind(self, outside, inside):
        """Shows a folder of this machine in there, in every command from now on."""
        self.binds[inside] = outside

    def command(self, *command, user=None):
        """The command line that runs a command in there, and ends it when its parent ends."""
        binds = [word for inside, outside in self.binds.items() for word in (outside, inside)]
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        return [needs.program("setpriv"), "--pdeathsig", "KILL", needs.program("unshare"),
                "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", _ENTER, "sh",
                self.path, *binds, "--", *become, *command]

    def run(self, *command, user=None, **running):
        """What became of a command, with all it said in one text."""
        return subprocess.run(self.command(*command, user=user), env=environment(), text=True,
                              check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **running)

    def alone(self, script):
        """What a shell script says that has a network, and processes, to itself."""
        enter = ["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"]
        done = subprocess.run(enter + self.command("sh", "-euc", script), env=environment(),
                              text=True, check=False, stdin=subprocess.DEVNULL, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, f"{script}: {done.stdout}"
        return done.stdout

    def remove(self):
        # Nothing is mounted in there: mounts were the namespaces'.
        shutil.rmtree(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


def environment():
    """A login's, with this machine's way to the package mirror."""
    proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    return {"PATH": PATH, "HOME": "/root", "LC_ALL": "C.UTF-8"} | _apt_proxy() | proxies


def _apt_proxy():
    done = subprocess.run(["apt-config", "shell", "proxy", "Acquire::http::Proxy"], check=False,
                          text=True, stdout=subprocess.PIPE) if shutil.which("apt-config") else None
    value = done.stdout.partition("=")[2].strip().strip("'") if done else ""
    return {"http_proxy": value} if value else {}
