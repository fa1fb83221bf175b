"""What is delivered: `cmake --install`, the content of the Debian package, the bill of materials."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import daemons
import debian_package
import needs
from docker_engine import CHECKOUT

# What the sources of what is always in it are called.
SOURCES = {"c-ares", "cli11", "fmtlib", "gcc-12", "glibc", "libmd", "libuv1", "nlohmann-json3",
           "spdlog"}


def said(*command, **running):
    return subprocess.run(command, check=True, text=True, capture_output=True, **running).stdout


class Unpacked(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.package = debian_package.build()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="portolan-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        said("dpkg-deb", "-x", cls.package, cls.folder)

    def text(self, path):
        return (self.folder / path).read_text(encoding="utf-8")


class Package(Unpacked):
    def test_it_depends_on_what_debian_12_and_13_both_have(self):
        depends = said("dpkg-deb", "-f", self.package, "Depends")
        self.assertEqual(set(re.findall(r"(?:^|, )([\w.+-]+)", depends)),
                         {"libc6", "libc-ares2", "libuv1"})

    def test_its_units_start_what_it_has(self):
        service = self.text("usr/lib/systemd/system/portolan.service")
        (started,) = re.findall(r"^ExecStart=/(\S+) serve$", service, re.MULTILINE)
        self.assertTrue(os.access(self.folder / started, os.X_OK))
        self.assertIn("ListenStream=4369", self.text("usr/lib/systemd/system/portolan.socket"))

    def test_it_has_no_file_of_erlangs(self):
        files = {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")}
        theirs = said("dpkg", "-L", "erlang-base").replace("\n/", "\n").split("\n")
        shared = {path for path in files & set(theirs) if not (self.folder / path).is_dir()}
        self.assertEqual(shared, set())

    def test_the_licences_of_all_whose_code_is_inside(self):
        text = self.text("usr/share/doc/portolan/copyright")
        self.assertLessEqual(SOURCES, set(re.findall(r"^The program has code of (\S+) in it", text,
                                                     re.MULTILINE)))
        self.assertIn("Victor Zverovich", text)


    def test_lintian_finds_in_it_and_its_source_only_what_has_a_reason(self):
        (changes,) = self.package.parent.glob("*.changes")
        found = said(needs.program("lintian"), "--show-overrides", changes)
        self.assertEqual(re.findall(r"^[EW]: .*", found, re.MULTILINE), [])
        # That it finds these shows that it looks.
        overrides = (CHECKOUT / "debian/portolan.lintian-overrides").read_text("utf-8")
        reasoned = re.findall(r"^#.*\nportolan: (\S+)", overrides, re.MULTILINE)
        self.assertEqual(len(reasoned), len(re.findall(r"^[^#]", overrides, re.MULTILINE)))
        self.assertEqual(re.findall(r"^O: portolan: (\S+)", found, re.MULTILINE), reasoned)

    def test_its_source_is_whole(self):
        (source,) = self.package.parent.glob("portolan_*.tar.xz")
        names = {name.partition("/")[2] for name in said("tar", "-tf", source).split()}
        self.assertLessEqual({"src/main.cc", "debian/rules", "scripts/build"}, names)
        self.assertEqual([name for name in names if name.startswith((".git/", "build/"))], [])


class Bill(Unpacked):
    def setUp(self):
        self.bill = json.loads(self.text("usr/share/doc/portolan/sbom.spdx.json"))
        self.packages = {package["SPDXID"]: package for package in self.bill["packages"]}

    def test_it_is_a_document_as_spdx_wants_it(self):
        self.assertEqual((self.bill["spdxVersion"], self.bill["dataLicense"], self.bill["SPDXID"]),
                         ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
        self.assertRegex(self.bill["documentNamespace"], r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-")
        self.assertRegex(self.bill["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT[\d:]{8}Z$")
        self.assertTrue(self.bill["creationInfo"]["creators"])
        self.assertEqual(len(self.packages), len(self.bill["packages"]), "an identifier repeats")
        for name, package in self.packages.items():
            self.assertRegex(name, r"^SPDXRef-[A-Za-z0-9.-]+$")
            self.assertTrue(package["name"] and package["versionInfo"])
            self.assertEqual(package["downloadLocation"], "NOASSERTION")
        for tie in self.bill["relationships"]:
            self.assertIn(tie["relatedSpdxElement"], self.packages)
            self.assertIn(tie["spdxElementId"], {"SPDXRef-DOCUMENT", "SPDXRef-portolan"})
        self.assertEqual(len(self.bill["relationships"]), len(self.packages))

    def test_it_describes_the_program_that_is_delivered(self):
        (checksum,) = self.packages["SPDXRef-portolan"]["checksums"]
        delivered = (self.folder / "usr/bin/portolan").read_bytes()
        self.assertEqual(checksum, {"algorithm": "SHA256",
                                    "checksumValue": hashlib.sha256(delivered).hexdigest()})

    def test_each_library_that_the_program_loads_is_in_it(self):
        needed = said("readelf", "-d", self.folder / "usr/bin/portolan")
        names = re.findall(r"\(NEEDED\).*\[(\S+)\]", needed)
        self.assertIn("libuv.so.1", names)
        for name in names:
            owner = said("dpkg-query", "-S", f"*-linux-gnu/{name}").split(":")[0]
            with self.subTest(name):
                self.assertEqual(self.tie_of(f"SPDXRef-{owner.replace('+', '-')}"), "DYNAMIC_LINK")

    def tie_of(self, name):
        (tie,) = [tie["relationshipType"] for tie in self.bill["relationships"]
                  if tie["relatedSpdxElement"] == name]
        return tie

    def test_so_is_what_was_compiled_in_and_with_the_version_that_it_had_there(self):
        listed = {package["sourceInfo"].split()[2] for package in self.packages.values()
                  if "sourceInfo" in package}
        self.assertLessEqual(SOURCES, listed)
        self.assertEqual(self.tie_of("SPDXRef-libmd-dev"), "STATIC_LINK")
        self.assertEqual(self.tie_of("SPDXRef-libspdlog-dev"), "CONTAINS")
        self.assertNotIn("catch2", listed)
        (info,) = self.package.parent.glob("*.buildinfo")
        there = dict(re.findall(r"^ ([\w.+-]+) \(= (\S+)\)", info.read_text(), re.MULTILINE))
        for package in self.packages.values():
            if "sourceInfo" in package:
                self.assertEqual(package["versionInfo"], there[package["name"]])


class Installed(unittest.TestCase):
    def test_cmake_installs_it_where_it_is_looked_for(self):
        build = pathlib.Path(daemons.portolan()).parent
        with tempfile.TemporaryDirectory() as prefix:
            said(needs.program("cmake"), "--install", build, "--prefix", prefix)
            files = {str(path.relative_to(prefix)) for path in pathlib.Path(prefix).rglob("*")
                     if not path.is_dir()}
            self.assertEqual(files, {
                "bin/portolan", "bin/epmd", "lib/systemd/system/portolan.service",
                "lib/systemd/system/portolan.socket", "share/man/man1/portolan.1",
                "share/man/man1/epmd.1", "share/doc/portolan/LICENSE",
                "share/bash-completion/completions/portolan",
                "share/zsh/site-functions/_portolan",
                "share/fish/vendor_completions.d/portolan.fish"})
            self.assertEqual(os.readlink(f"{prefix}/bin/epmd"), "portolan")
            self.assertEqual(pathlib.Path(prefix, "share/zsh/site-functions/_portolan").read_text(),
                             said(daemons.portolan(), "completion", "zsh"))
            self.assertIn(f"ExecStart={prefix}/bin/portolan serve\n", pathlib.Path(
                prefix, "lib/systemd/system/portolan.service").read_text())


if __name__ == "__main__":
    unittest.main()
