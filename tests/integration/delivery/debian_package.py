"""The Debian package of this checkout, and root file systems to install it in."""

import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import compiler_cache
import image
import needs
import root
from docker_engine import CHECKOUT
from documents import blocks_of

# Of these dpkg keeps a record, or apt a copy; the machine's own logs and caches are nobody's.
_PASSING = ("dev", "proc", "run", "tmp", "etc/resolv.conf", "etc/ld.so.cache", "root",
            "var/cache", "var/log", "var/lib/apt", "var/lib/dpkg/status", "var/lib/dpkg/available",
            "var/lib/dpkg/info", "var/lib/dpkg/lock", "var/lib/dpkg/triggers", "var/lib/dpkg/updates",
            "var/lib/systemd/deb-systemd-helper", "var/lib/dpkg/alternatives")


def built():
    """The folder with the package and its source package, made once for all tests that want it."""
    needs.root()
    target = root.cache() / f"package-{_key()}"
    with open(root.cache() / "package.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            image.forget_old(root.cache().glob("package-*"))
            with Builder() as builder:
                builder.build(target)
    return target


def build():
    """The path of the package."""
    (package,) = built().glob("portolan_*.deb")
    return package


def build_depends():
    control = (CHECKOUT / "debian/control").read_text("utf-8")
    (listed,) = re.findall(r"^Build-Depends:\n((?: .*\n)+)", control, re.MULTILINE)
    return re.findall(r"^ ([\w.+-]+)[^<\n]*,$", listed, re.MULTILINE)


def _key():
    digest = hashlib.sha256()
    for name in sorted(root.checkout_files()):
        digest.update(f"\0{name}\0".encode() + (CHECKOUT / name).read_bytes())
    return digest.hexdigest()[:12]


class Builder(root.Root):
    """A checkout where nothing is installed but what debian/control says that it takes."""

    HOME = "/portolan"

    def __init__(self):
        super().__init__("bookworm", "build-essential", *build_depends(), *root.packages("cache"))
        if compiler_cache.folder():
            self.bind(compiler_cache.folder(), "/ccache")
        for name in root.checkout_files():
            copy = pathlib.Path(f"{self.path}{self.HOME}", name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, copy)

    def build(self, target):
        """As docs/PACKAGES.md says it."""
        print("building the package, a minute or two", file=sys.stderr, flush=True)
        (recipe, *_) = blocks_of(CHECKOUT / "docs/PACKAGES.md", "sh")
        variables = compiler_cache.environment("/ccache", self.HOME)
        done = self.run("env", *(f"{name}={value}" for name, value in variables.items()),
                        "sh", "-ec", f"cd {self.HOME}; {recipe}")
        assert done.returncode == 0, done.stdout[-4000:]
        # What debian/control lacks would have been installed by scripts/package.
        assert "installing" not in done.stdout, done.stdout
        made = self.path / "portolan/build/package"
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="making-") as work:
            whole = shutil.copytree(made, f"{work}/package",
                                    ignore=shutil.ignore_patterns("portolan-?.*"))
            os.rename(whole, target)


class Machine(root.Root):
    """A root file system with the package in it, as a file. No network of ours but for apt's."""

    def __init__(self, package, suite, *wanted):
        super().__init__(suite, *wanted)
        # Not that of ground_test, which may run at the same time: apt locks it.
        archives = root.cache() / f"apt-package-{suite}"
        (archives / "partial").mkdir(parents=True, exist_ok=True)
        self.bind(archives, "/var/cache/apt/archives")
        (self.path / "etc/hosts").write_text("127.0.0.1 localhost\n")
        self.package = self.put(package, "portolan.deb")

    def put(self, path, name):
        (self.path / "root" / name).write_bytes(path.read_bytes())
        return f"/root/{name}"

    def do(self, *command):
        """Returns what a command says; it must work."""
        done = self.run("env", "DEBIAN_FRONTEND=noninteractive", *command)
        assert done.returncode == 0, f"{command}: {done.stdout[-4000:]}"
        return done.stdout

    def apt(self, *words):
        return self.do("apt-get", "-qq", "-y", "--no-install-recommends", *words)

    def link(self, path):
        return os.readlink(self.path / path)

    def has(self, path):
        return os.path.lexists(self.path / path)

    def snapshot(self):
        """Each file with what is in it."""
        found = {}
        for folder, folders, names in os.walk(self.path):
            here = os.path.relpath(folder, self.path)
            folders[:] = [name for name in folders if not self._is_passing(here, name)]
            for name in folders + names:
                if not self._is_passing(here, name) and not name.endswith(("-", "-old")):
                    found[os.path.normpath(f"{here}/{name}")] = _content(f"{folder}/{name}")
        return found

    @staticmethod
    def _is_passing(folder, name):
        return os.path.normpath(f"{folder}/{name}").startswith(_PASSING)


def _content(path):
    if os.path.islink(path):
        return os.readlink(path)
    if not os.path.isfile(path):
        return "folder"
    with open(path, "rb") as file:
        return oct(os.stat(path).st_mode) + hashlib.file_digest(file, "sha256").hexdigest()
