"""Pods without Kubernetes: containers that share a network, started one after the other as a
manifest says."""

from docker_nodes import COOKIE, PROGRAMS, wait_until

NETWORK = "pods"
# What a kubelet reads from a probe over HTTP, in the network of the pod.
GET = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=3)"
CONNECT = "import sys, socket; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).close()"
DOMAIN = "default.svc.cluster.local"


class Pod:
    """What stands in the template of a Deployment or StatefulSet."""

    def __init__(self, harbour, name, service, spec, otp=PROGRAMS):
        self.harbour, self.name, self.spec = harbour, name, spec
        (sidecar,), (node,) = spec["initContainers"], spec["containers"]
        # The pod's own container, which has the network: others ask for the service, and know the
        # name that a StatefulSet gives it.
        self.host = f"{name}.{service}.{DOMAIN}"
        harbour.run("--name", name, "--network", NETWORK, "--network-alias", service,
                    "--hostname", self.host, otp=otp)
        self.ip = harbour.address(name, NETWORK)
        for container in (sidecar, node):
            self.start(container)
            wait_until(lambda container=container: self.passes(container, "startupProbe"),
                       f"{name} has a {container['name']}")

    def start(self, container):
        entrypoint, *words = container.get("command", [None])
        options = ("--entrypoint", entrypoint) if entrypoint else ()
        self.harbour.engines.run(
            "--name", f"{self.name}-{container['name']}", "--network", f"container:{self.name}",
            *self.privileges(container), *self.environment(container), *options,
            container["image"], *words)

    def privileges(self, container):
        """All that the manifest grants: a key that is not known here is an error."""
        pod = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        user = {key: self.spec["securityContext"][key] for key in ("runAsUser", "runAsGroup")}
        assert self.spec["securityContext"] == pod | user
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]}}
        yield from ("--user", f"{user['runAsUser']}:{user['runAsGroup']}", "--read-only",
                    "--security-opt", "no-new-privileges", "--cap-drop", "ALL")
        yield from ("--memory", container["resources"]["limits"]["memory"].replace("Mi", "m"))
        for mount in container.get("volumeMounts", []):
            yield from ("--tmpfs", f"{mount['mountPath']}:mode=0777")

    def environment(self, container):
        for variable in container["env"]:
            yield from ("--env", f"{variable['name']}={self.value(variable)}")

    def value(self, variable):
        if "value" in variable:
            return variable["value"]
        (source,) = variable["valueFrom"].items()
        return {
            ("secretKeyRef", "cookie"): COOKIE, ("fieldRef", "status.podIP"): self.ip,
        }[source[0], source[1].get("key") or source[1]["fieldPath"]]

    def passes(self, container, probe):
        """Asks as the kubelet does: in the container, or from outside at the pod's address."""
        (how, what), = [each for each in container[probe].items() if isinstance(each[1], dict)]
        if how == "exec":
            return self.executed(f"{self.name}-{container['name']}", *what["command"])
        if how == "httpGet":
            return self.executed(self.name, "python3", "-c", GET,
                                 f"http://{self.ip}:{what['port']}{what['path']}")
        return self.executed(self.name, "python3", "-c", CONNECT, self.ip, str(what["port"]))

    def passes_all(self):
        """Whether the pod is ready, and nothing in it is to be restarted."""
        return all(self.passes(container, probe)
                   for container in (*self.spec["initContainers"], *self.spec["containers"])
                   for probe in ("startupProbe", "readinessProbe", "livenessProbe")
                   if probe in container)

    def remove(self):
        self.harbour.docker("rm", "--force", f"{self.name}-node", f"{self.name}-portolan", self.name)

    def executed(self, container, *command):
        return self.harbour.engines.try_docker("exec", container, *command).returncode == 0
