"""The image: small, locked down, and a working EPMD among containers."""

import importlib.machinery
import importlib.util
import json
import pathlib
import re
import tarfile
import tempfile
import time
import unittest

import daemons
import docker_engine
import docker_nodes
import image
from docker_nodes import seconds

LOCKED_DOWN = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
NETWORK = ("--network", "harbour")
# Sends one request to HOST's EPMD; prints in hexadecimal what comes back until the end.
ASK = """
import socket, sys
with socket.create_connection((sys.argv[1], 4369), 10) as epmd:
    epmd.sendall(bytes.fromhex(sys.argv[2]))
    wanted = int(sys.argv[3])
    received = b""
    while len(received) < wanted and (piece := epmd.recv(4096)):
        received += piece
print(received.hex())
"""
NAMES = "00016e"
ALIVE = "0012" "78a0004d00000600050005" "70726f6265" "0000"
TO_THE_END = 1 << 20

engines = None


def setUpModule():
    global engines
    engines = docker_engine.Engines(docker_nodes.in_memory())
    unittest.addModuleCleanup(engines.end)
    image.provide(engines)
    image.provide_nodes(engines)
    engines.docker("network", "create", "harbour")
    start("ours", "--network-alias", "pilot")
    engines.run("--name", "peer", *NETWORK, image.NODE, "sleep", "infinity")


def wait_until(condition, what, patience=daemons.PATIENCE):
    return docker_nodes.wait_until(condition, what, patience)


def start(name, *options, command=()):
    """A container of our image, locked down as far as Docker can."""
    engines.run("--name", name, "--hostname", name, *NETWORK, *LOCKED_DOWN, *options, image.TAG,
                *command)
    wait_until(lambda: "listening on" in engines.try_docker("logs", name).stderr,
                       f"{name} listens")
    return name


def ask(host, request, wanted=TO_THE_END, container="peer"):
    """What the EPMD at `host` answers a container."""
    return bytes.fromhex(engines.docker("exec", container, "python3", "-c", ASK, host, request,
                                        str(wanted)))


def inspect(name, template):
    return json.loads(engines.docker("inspect", "--format", f"{{{{json {template}}}}}", name))


class Content(unittest.TestCase):
    def test_it_is_smaller_than_10_megabytes(self):
        self.assertLess(inspect(image.TAG, ".Size"), 10_000_000)

    def test_it_holds_the_binary_its_link_and_the_licences_of_all_that_is_linked(self):
        with tempfile.TemporaryDirectory() as folder:
            tar = pathlib.Path(folder, "content.tar")
            engines.docker("create", "--name", "shown", image.TAG)
            engines.docker("export", "--output", str(tar), "shown")
            with tarfile.open(tar) as content:
                links = {entry.name: entry.linkname for entry in content if entry.issym()}
                files = {entry.name for entry in content if entry.isfile() and entry.size}
                bill = json.load(content.extractfile("usr/share/doc/portolan/sbom.spdx.json"))
        self.assertEqual(links.pop("bin/epmd"), "portolan")
        licences = {f"usr/share/doc/{name}/copyright" for name in (
            "portolan", "libc6-dev", "libstdc++6", "libuv1-dev", "libc-ares-dev", "libmd-dev",
            "libspdlog-dev", "libfmt-dev", "libcli11-dev", "nlohmann-json3-dev",
            "libboost-dev", "libssl-dev")}
        self.assertEqual(files, {"bin/portolan", "usr/share/doc/portolan/sbom.spdx.json"} | licences)
        self.assert_it_lists_what_is_linked(bill)

    def assert_it_lists_what_is_linked(self, bill):
        names = {package["SPDXID"]: package["name"] for package in bill["packages"]}
        linked = {names[tie["relatedSpdxElement"]] for tie in bill["relationships"]
                  if tie["relationshipType"] == "STATIC_LINK"}
        self.assertLessEqual({"libc6-dev", "libstdc++-12-dev", "libuv1-dev", "libc-ares-dev",
                              "libmd-dev", "libssl-dev"}, linked)
        self.assertNotIn("DYNAMIC_LINK", {tie["relationshipType"] for tie in bill["relationships"]})

    def test_it_is_an_epmd_that_anybody_can_start(self):
        config = inspect(image.TAG, ".Config")
        self.assertEqual(config["Entrypoint"] + config["Cmd"], ["/bin/portolan", "serve"])
        self.assertEqual(list(config["ExposedPorts"]), ["4369/tcp"])
        self.assertEqual(config["Labels"]["org.opencontainers.image.licenses"], "Apache-2.0")

    def test_scripts_image_gives_it_the_same_settings(self):
        loader = importlib.machinery.SourceFileLoader(
            "oci_archive", str(docker_engine.CHECKOUT / "scripts/oci_archive"))
        oci_archive = importlib.util.module_from_spec(
            importlib.util.spec_from_loader("oci_archive", loader))
        loader.exec_module(oci_archive)
        wanted = oci_archive.config("amd64", b"", "commit")["config"]
        config = inspect(image.TAG, ".Config")
        labels, wanted_labels = config.pop("Labels"), wanted.pop("Labels")
        self.assertEqual({name: config[name] for name in wanted}, wanted)
        self.assertEqual(labels, {name: wanted_labels[name] for name in labels})

    def test_it_has_no_rights_at_all(self):
        status = engines.docker("run", "--rm", "--pid", "container:ours", image.NODE,
                                "cat", "/proc/1/status")
        fields = dict(line.split(":\t", 1) for line in status.splitlines())
        self.assertEqual(fields["Name"], "portolan")
        self.assertEqual(set(fields["Uid"].split() + fields["Gid"].split()), {"65532"})
        self.assertEqual([int(fields[name], 16) for name in ("CapPrm", "CapEff", "CapBnd")],
                         [0, 0, 0])


class Health(unittest.TestCase):
    OFTEN = ("--health-interval", "100ms", "--health-retries", "1")

    def become(self, name, status):
        wait_until(lambda: inspect(name, ".State.Health.Status") == status,
                           f"{name} is {status}")

    def test_its_own_check_finds_it_healthy_within_a_second_of_being_so(self):
        start("prompt")
        self.become("prompt", "healthy")
        state = inspect("prompt", ".State")
        first = state["Health"]["Log"][0]
        self.assertLess(seconds(first["Start"]) - seconds(state["StartedAt"]), 1.9)
        self.assertEqual(first["ExitCode"], 0)

    def test_later_checks_are_few(self):
        """Each lasts nine seconds, so the engine starts one every ten."""
        start("settled")
        log = lambda: inspect("settled", ".State.Health.Log")
        lasting = lambda: [each for each in log() if each["End"][:4] != "0001" and
                           seconds(each["End"]) - seconds(each["Start"]) > 8.5]
        (held, *_) = wait_until(lasting, "a check is held back", 60)
        self.assertEqual(held["ExitCode"], 0)
        self.assertLess(seconds(held["End"]) - seconds(held["Start"]), 14)

    def test_it_knows_that_it_is_healthy(self):
        self.become(start("well", *self.OFTEN), "healthy")

    def test_it_knows_that_it_is_healthy_on_another_port_too(self):
        self.become(start("moved", *self.OFTEN, "--env", "ERL_EPMD_PORT=4999"), "healthy")

    def test_it_knows_when_nobody_answers(self):
        self.become(start("ill", *self.OFTEN, command=("serve", "--port", "4999")), "unhealthy")


class Asking(unittest.TestCase):
    def test_other_containers_find_it_by_its_alias_and_get_the_names(self):
        self.assertEqual(ask("pilot", NAMES)[:4], (4369).to_bytes(4, "big"))

    def test_another_container_cannot_register(self):
        self.assertEqual(ask("pilot", ALIVE), b"")

    def test_a_container_in_the_same_network_namespace_can(self):
        owner = start("owner")
        engines.run("--name", "guest", "--network", f"container:{owner}", image.NODE,
                    "sleep", "infinity")
        reply = ask("127.0.0.1", ALIVE, wanted=6, container="guest")
        self.assertEqual(reply[:2], b"v\0")

    def test_epmd_names_works_in_the_image(self):
        self.assertEqual(engines.docker("exec", "ours", "/bin/epmd", "-names"),
                         "epmd: up and running on port 4369 with data:")

    def test_the_static_binary_finds_hosts_by_the_engines_dns(self):
        for host in ("ours", "pilot", "pilot.harbour"):
            with self.subTest(host):
                found = engines.docker("run", "--rm", *NETWORK, image.TAG, "names", "--json", host)
                self.assertEqual(json.loads(found), {"host": host, "port": 4369, "names": []})

    def test_a_host_that_nobody_knows_is_an_error(self):
        done = engines.try_docker("run", "--rm", *NETWORK, image.TAG, "names", "nobody.invalid")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("nobody.invalid", done.stderr)


class Ending(unittest.TestCase):
    def test_docker_stop_ends_it_at_once_and_in_order(self):
        name = start("brief")
        # Not faster by being gone already.
        self.assertTrue(inspect(name, ".State.Running"))
        began = time.monotonic()
        engines.docker("stop", name)
        self.assertLess(time.monotonic() - began, 1)
        # 137 would mean that it took a SIGKILL.
        self.assertEqual(inspect(name, ".State.ExitCode"), 0)


class Nodes(unittest.TestCase):
    ERL = ("erl", "-noinput", "-start_epmd", "false", "-setcookie", "harbour")

    def node(self, name, *code):
        """A node beside an EPMD of its own, in whose network namespace it lives."""
        start(f"host-{name}")
        engines.run("--name", f"node-{name}", "--network", f"container:host-{name}", image.NODE,
                    *self.ERL, "-sname", name, *code)
        return f"host-{name}"

    def names_at(self, host):
        return re.findall(r"name (\w+) at port", engines.docker("exec", host, "epmd", "-names"))

    def test_nodes_in_two_containers_register_and_ping_each_other(self):
        left = self.node("left")
        wait_until(lambda: self.names_at(left) == ["left"], "left is registered")
        self.node("right", "-eval", "io:format(\"~p~n\", [net_adm:ping('left@host-left')]).")
        wait_until(lambda: engines.docker("logs", "node-right"), "right has pinged")
        self.assertEqual(engines.docker("logs", "node-right"), "pong")
        engines.docker("kill", "node-left")
        wait_until(lambda: self.names_at(left) == [], "left is no longer registered")


if __name__ == "__main__":
    unittest.main()
