"""The image for amd64 and arm64: what is in its archive, which is the same each time."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

import docker_engine
import docker_nodes
import needs
import platforms
import root
from daemons import wait_until
from docker_engine import CHECKOUT
from documents import blocks_of

(VERSION,) = re.findall(r"^project\(portolan VERSION ([\d.]+)",
                        (CHECKOUT / "CMakeLists.txt").read_text("utf-8"), re.MULTILINE)
TAGS = [VERSION, VERSION.rpartition(".")[0], VERSION.partition(".")[0]]
# Whose code is in both.
SOURCES = {"boost1.74", "c-ares", "cli11", "fmtlib", "libmd", "libuv1", "nlohmann-json3", "openssl",
           "spdlog"}
(TO_ENGINE,) = [block for block in blocks_of(CHECKOUT / "docs/PACKAGES.md", "sh")
                if block.startswith("skopeo copy")]
PREFIX = "org.opencontainers.image."

archives = None


def setUpModule():
    global archives
    needs.root()
    archives = platforms.built()


class Archive:
    """What is in an OCI layout."""

    def __init__(self, path):
        with tarfile.open(path) as tar:
            self.files = {entry.name: tar.extractfile(entry).read() for entry in tar}

    def index(self):
        return json.loads(self.files["index.json"])["manifests"]

    def blob(self, descriptor):
        content = self.files[f"blobs/sha256/{descriptor['digest'].removeprefix('sha256:')}"]
        assert hashlib.sha256(content).hexdigest() in descriptor["digest"]
        assert len(content) == descriptor["size"]
        return content

    def manifests(self):
        """Those of the architectures, of what all tags name."""
        (whole,) = {entry["digest"]: entry for entry in self.index()}.values()
        return {entry["platform"]["architecture"]: entry
                for entry in json.loads(self.blob(whole))["manifests"]}

    def config(self, architecture):
        manifest = json.loads(self.blob(self.manifests()[architecture]))
        return json.loads(self.blob(manifest["config"]))

    def unpack(self, architecture, folder):
        (layer,) = json.loads(self.blob(self.manifests()[architecture]))["layers"]
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.blob(layer))
            file.flush()
            with tarfile.open(file.name) as tar:
                tar.extractall(folder)
                return tar.getmembers()


class Content(unittest.TestCase):
    def setUp(self):
        self.archive = Archive(archives / "first")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="portolan-image-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_the_tags_name_one_image_for_both(self):
        names = [entry["annotations"][f"{PREFIX}ref.name"] for entry in self.archive.index()]
        self.assertEqual(names, TAGS)
        self.assertEqual(set(self.archive.manifests()), {"amd64", "arm64"})

    def test_it_says_what_it_is_and_of_when(self):
        for architecture in ("amd64", "arm64"):
            config = self.archive.config(architecture)
            self.assertEqual(config["architecture"], architecture)
            self.assertEqual(config["created"], "2026-09-21T14:13:20Z")
            labels = config["config"]["Labels"]
            self.assertEqual({name.removeprefix(PREFIX) for name in labels}, {
                "title", "description", "licenses", "version", "revision", "created"})
            self.assertEqual([labels[f"{PREFIX}{name}"] for name in ("version", "revision", "created")],
                             [VERSION, platforms.COMMIT, config["created"]])

    def test_two_folders_and_two_times_give_one_digest(self):
        again = Archive(archives / "again").manifests()
        self.assertEqual(again["amd64"]["digest"], self.archive.manifests()["amd64"]["digest"])

    def test_both_have_the_same_files_and_a_bill_of_their_own(self):
        seen = {}
        for architecture in ("amd64", "arm64"):
            entries = self.archive.unpack(architecture, self.folder / architecture)
            seen[architecture] = {(entry.name, entry.mode, entry.linkname) for entry in entries}
            self.assertEqual({(entry.mtime, entry.uid, entry.gid) for entry in entries},
                             {(platforms.TIME, 0, 0)})
            doc = self.folder / architecture / "usr/share/doc/portolan"
            bill = json.loads((doc / "sbom.spdx.json").read_text())
            program = (self.folder / architecture / "bin/portolan").read_bytes()
            self.assertIn(hashlib.sha256(program).hexdigest(), str(bill["packages"]))
            names = [package["SPDXID"] for package in bill["packages"]]
            self.assertEqual(len(names), len(set(names)), "an identifier repeats")
            sources = re.findall(r"source package (\S+)", str(bill["packages"]))
            self.assertLessEqual(SOURCES, set(sources), architecture)
        self.assertEqual(seen["amd64"], seen["arm64"])

    def test_that_of_arm64_serves(self):
        """Under emulation."""
        with root.Root("bookworm", *root.packages(*platforms.GROUPS),
                       place=root.in_memory(4 << 30)) as machine:
            self.archive.unpack("arm64", machine.path / "image")
            said = machine.alone("""
                ours() { qemu-aarch64-static /image/bin/portolan "$@"; }
                ours --version
                ours serve & until ours names 2>/dev/null; do :; done""")
        self.assertIn(f"portolan {VERSION}", said)
        self.assertIn("listening on", said)


class InAnEngine(unittest.TestCase):
    def test_it_is_healthy(self):
        needs.program("skopeo")
        folder = self.enterContext(tempfile.TemporaryDirectory(dir=docker_nodes.in_memory()))
        engines = docker_engine.Engines(folder)
        self.addCleanup(engines.end)  # before its folder goes
        # Where a machine's own engine has its socket.
        recipe = f'mount -t tmpfs ours /run; ln -s "$0" /run/docker.sock\n{TO_ENGINE}'
        subprocess.run(
            ["unshare", "--mount", "sh", "-euc", recipe,
             engines.containers.removeprefix("unix://")], check=True, stdout=subprocess.DEVNULL,
            env=os.environ | {"ARCHIVE": str(archives / "first"), "TAG": VERSION})
        engines.run("--name", "ours", "--network", "none", "portolan")
        wait_until(lambda: engines.docker("inspect", "--format", "{{.State.Health.Status}}",
                                          "ours") == "healthy", "it is healthy")


if __name__ == "__main__":
    unittest.main()
