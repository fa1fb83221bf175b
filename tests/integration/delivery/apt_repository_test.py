"""scripts/apt_repository: a real apt-get installs and upgrades from it, and refuses what is not ours."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import debian_package
import needs
from docker_engine import CHECKOUT
from documents import blocks_of

# What the package depends on: there is no network in there.
WANTED = ("erlang-base", "libc-ares2", "libuv1", "systemd-sysv")
MAKE, INSTALL = [block for block in blocks_of(CHECKOUT / "docs/PACKAGES.md", "sh")
                 if "/srv/apt" in block]
LISTS, PACKAGES = "dists/stable", "main/binary-amd64/Packages"


def run(*command, **running):
    done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **running)
    assert done.returncode == 0, f"{command}: {done.stdout}"
    return done.stdout


class Repository:
    """What would be below /srv, on the machine that has the key."""

    def __init__(self, folder, packages):
        for program in ("apt-ftparchive", "gpg"):
            needs.program(program)
        self.path = folder / "srv/apt"
        self.path.mkdir(parents=True)
        self._desk = folder / "checkout"
        (self._desk / "build").mkdir(parents=True)
        (self._desk / "scripts").symlink_to(CHECKOUT / "scripts")
        (self._desk / "build/package").symlink_to(packages)
        (folder / "gpg").mkdir(mode=0o700)
        self._environment = os.environ | {"GNUPGHOME": str(folder / "gpg"), "KEY": "ours@x.invalid"}
        for name in ("ours", "another"):
            run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", f"{name}@x.invalid",
                "ed25519", "sign", "never", env=self._environment)

    def type(self, recipe, key="ours"):
        """As it stands in the documents; /srv is ours."""
        run("unshare", "--mount", "sh", "-euc", f'mount --bind "$0" /srv\n{recipe}',
            self.path.parent, cwd=self._desk,
            env=self._environment | {"KEY": f"{key}@x.invalid"})

    def add(self, package):
        self.type(f"scripts/apt_repository /srv/apt \"$KEY\" {package}")

    def end(self):
        run("gpgconf", "--kill", "all", env=self._environment)


class AptRepository(unittest.TestCase):
    """In the order of their names: each test finds the machine as the one before has left it."""

    @classmethod
    def setUpClass(cls):
        built = debian_package.built()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="portolan-apt-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.folder.chmod(0o755)  # for apt's own user
        cls.repository = Repository(cls.folder, built)
        cls.addClassCleanup(cls.repository.end)
        cls.machine = debian_package.Machine(debian_package.build(), "bookworm", *WANTED)
        cls.addClassCleanup(cls.machine.remove)
        cls.machine.bind(cls.repository.path.parent, "/srv")
        for source in ("sources.list", "sources.list.d"):
            cls.machine.do("rm", "-rf", f"/etc/apt/{source}")
        cls.machine.do("mkdir", "/etc/apt/sources.list.d")

    def version(self):
        return self.machine.do("dpkg-query", "-W", "-f", "${Version}", "portolan")

    def older(self):
        run("dpkg-deb", "-R", debian_package.build(), self.folder / "older")
        control = self.folder / "older/DEBIAN/control"
        control.write_text(control.read_text().replace("\nVersion: ", "\nVersion: 0.0.0~"))
        run("dpkg-deb", "-b", self.folder / "older", self.folder / "older.deb")
        return self.folder / "older.deb"

    def test_1_it_is_installed_as_the_documents_say(self):
        self.repository.add(self.older())
        self.machine.do("sh", "-euc", INSTALL)
        self.assertTrue(self.version().startswith("0.0.0~"), self.version())

    def test_2_a_newer_version_is_an_upgrade_and_the_older_one_stays(self):
        self.repository.type(MAKE)
        self.machine.apt("update")
        before = self.version()
        self.machine.apt("upgrade")
        self.assertEqual(self.version(), before.removeprefix("0.0.0~"))
        self.assertIn(before, self.machine.do("apt-cache", "policy", "portolan"))

    def refuse(self, said, *command):
        self.machine.do("sh", "-c", "rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb")
        done = self.machine.run("sh", "-euc", "; ".join(["apt-get -y update", *command]))
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, said)

    def test_3_what_is_not_as_it_was_signed_is_refused(self):
        lists = self.repository.path / LISTS
        shutil.copytree(lists, self.folder / "good")
        for name, change, said in (
                ("unsigned", self.unsign, "is not signed"),
                ("another's", lambda: self.repository.type(MAKE, "another"), "NO_PUBKEY"),
                ("signed text changed", lambda: self.append(lists / "InRelease", "Suite: stable", "x"),
                 "is not signed|signature|BADSIG"),
                ("list changed", lambda: [self.append(lists / f"{PACKAGES}{kind}", "", "x")
                                          for kind in ("", ".gz")], "unexpected size|Hash Sum")):
            with self.subTest(name):
                shutil.rmtree(lists)
                shutil.copytree(self.folder / "good", lists)
                change()
                self.refuse(said)
        shutil.rmtree(lists)
        shutil.copytree(self.folder / "good", lists)

    def unsign(self):
        for name in ("InRelease", "Release.gpg"):
            (self.repository.path / LISTS / name).unlink()

    @staticmethod
    def append(path, after, text):
        content = path.read_bytes()
        at = content.index(after.encode()) + len(after) if after else len(content)
        path.write_bytes(content[:at] + text.encode() + content[at:])

    def test_4_so_is_a_package_that_is_not_the_one_that_is_listed(self):
        self.machine.apt("purge", "portolan")
        for package in (self.repository.path / "pool").rglob("*.deb"):
            content = bytearray(package.read_bytes())
            content[-1] ^= 1
            package.write_bytes(content)
        self.refuse("Hash Sum mismatch", "apt-get -y install portolan")
        self.assertFalse(self.machine.has("usr/bin/portolan"))


if __name__ == "__main__":
    unittest.main()
