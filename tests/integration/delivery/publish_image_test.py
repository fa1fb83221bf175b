"""scripts/publish_image: which tags of a registry a version takes."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import urllib.request

import needs
import network
from daemons import wait_until
from docker_engine import CHECKOUT
from documents import blocks_of

PORT = 5000
(RECIPE,) = [block for block in blocks_of(CHECKOUT / "docs/PACKAGES.md", "sh")
             if block.startswith("scripts/publish_image")]


def setUpModule():
    network.enter_private_network()


class Registry:
    """Debian's registry, with what it holds below a folder."""

    def __init__(self, folder):
        needs.program("skopeo")
        (folder / "registry.yml").write_text(
            f"version: 0.1\nhttp: {{addr: '127.0.0.1:{PORT}'}}\n"
            f"storage: {{filesystem: {{rootdirectory: {folder}/held}}}}\n")
        self._running = subprocess.Popen(
            [needs.program("docker-registry"), "serve", folder / "registry.yml"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.answers, "the registry answers")

    @staticmethod
    def answers():
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{PORT}/v2/", timeout=5).status == 200
        except OSError:
            return False

    @staticmethod
    def digest(tag):
        request = urllib.request.Request(
            f"http://127.0.0.1:{PORT}/v2/portolan/manifests/{tag}",
            headers={"Accept": "application/vnd.oci.image.index.v1+json"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.headers["Docker-Content-Digest"]

    def end(self):
        self._running.kill()
        self._running.wait()


class Published(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="portolan-publish-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.registry = Registry(self.folder)
        self.addCleanup(self.registry.end)
        settings = self.folder / ".config/containers/registries.conf"
        settings.parent.mkdir(parents=True)
        settings.write_text(
            f'[[registry]]\nlocation = "127.0.0.1:{PORT}"\ninsecure = true\n')

    def publish(self, version):
        """An image of that version, from a checkout of it; returns its digest, and what was told."""
        checkout = self.folder / version
        shutil.copytree(CHECKOUT / "scripts", checkout / "scripts")
        (checkout / "CMakeLists.txt").write_text(f"project(portolan VERSION {version} LANGUAGES C)\n")
        for architecture in ("amd64", "arm64"):
            (checkout / "build/image" / architecture).mkdir(parents=True)
            (checkout / "build/image" / architecture / "program").write_text(architecture)
        self.run_in(checkout, "scripts/oci_archive", "commit", "build/image", "amd64", "arm64")
        told = self.run_in(checkout, "sh", "-euc", RECIPE)
        archive = checkout / f"build/image/portolan-{version}.oci.tar"
        index = json.loads(self.run_in(checkout, "tar", "-xOf", archive, "index.json"))
        return index["manifests"][0]["digest"], [line.rpartition(":")[2] for line in told.split()]

    def run_in(self, checkout, *command):
        further = {"SOURCE_DATE_EPOCH": "1790000000", "REPOSITORY": f"127.0.0.1:{PORT}/portolan",
                   "HOME": str(self.folder)}
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, cwd=checkout,
                              env=os.environ | further).stdout

    def assert_tags(self, **digests):
        for tag, digest in digests.items():
            self.assertEqual(self.registry.digest(tag.strip("v").replace("_", ".")), digest, tag)

    def test_a_version_takes_its_tags_and_none_of_a_newer_one(self):
        first, told = self.publish("1.1.9")
        self.assertEqual(told, ["1.1.9", "1.1", "1"])
        self.assert_tags(v1_1_9=first, v1_1=first, v1=first)
        newer, told = self.publish("1.10.0")
        self.assertEqual(told, ["1.10.0", "1.10", "1"])
        fix, told = self.publish("1.1.10")
        self.assertEqual(told, ["1.1.10", "1.1"])
        self.assert_tags(v1_1_9=first, v1_1=fix, v1_10=newer, v1=newer)


if __name__ == "__main__":
    unittest.main()
