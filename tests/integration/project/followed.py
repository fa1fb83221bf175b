"""Projects made as a document says, on the engine of a test, with its commands as they stand."""

import dataclasses
import tempfile

import daemons
import image
import needs
import typed
from docker_nodes import BUILDERS, Harbour, image_of, wait_until
from push_nodes import Observer

PATIENCE = 240.0
# As far as the test has them by other names: Compose is a program of its own in Debian, and what
# makes a project is in the image in which it is built. `exec -T` would read what is typed next.
TOOLS = """
docker() {
  if [ "$1" = compose ]; then shift; docker-compose "$@" </dev/null; else command docker "$@"; fi
}
build() { docker run --rm --volume "$PWD:/here" --workdir /here elixir:slim "$@"; }
mix() { build mix "$@"; }
rebar3() { build rebar3 "$@"; }
"""


def make_harbour(*further):
    """An engine with the images that the documents start from, made of Debian's packages."""
    needs.program("docker-compose")
    harbour = Harbour((BUILDERS, *further))
    image.provide(harbour.engines)
    harbour.docker("tag", image.TAG, "portolan")
    for name in ("elixir:slim", "erlang:slim"):
        harbour.docker("tag", image_of(BUILDERS), name)
    return harbour


@dataclasses.dataclass
class Member:
    """A container with a node, for the observer."""
    id: str
    names: list
    ip: str
    cookie: str

    def __repr__(self):
        return self.names[0]


class Project:
    """A folder and a shell in which a document is followed; a context manager, which removes the
    containers.
    """

    def __init__(self, harbour, document, name):
        self.harbour, self.document, self.name = harbour, document, name
        self._folder = tempfile.TemporaryDirectory()
        environment = daemons.clean_environment({
            "DOCKER_HOST": harbour.engines.containers, "DOCKER_BUILDKIT": "0",
            "COMPOSE_PROJECT_NAME": name})
        environment.pop("COOKIE", None)
        self.shell = typed.Shell(self._folder.name, environment, PATIENCE)
        self.shell.check(TOOLS, "")

    def steps(self, title):
        found = list(typed.steps(self.document, title))
        assert found, f"{title} has nothing to type"
        return found

    def file(self, title, name):
        """The step of a section that writes a file."""
        return next(step for step in self.steps(title) if step[0].endswith(f" >{name}"))

    def follow(self, steps):
        for command, printed in steps:
            self.shell.check(command, printed)

    def containers(self, service):
        """Their ids, in the order of their numbers."""
        names = [f"name={self.name}_{service}_{number}$" for number in (1, 2, 3)]
        return [self.harbour.docker("ps", "--all", "--quiet", "--filter", name) for name in names]

    def members(self, service, name):
        """The same for the observer; in name, {host}, {ip} and {ipv6} are the container's."""
        network = f"{self.name}_default"
        return [self.member(each, name, network) for each in self.containers(service)]

    def member(self, container, name, network):
        host = self.harbour.inspect(container)["Config"]["Hostname"]
        ip, ipv6 = (ask(container, network) for ask in (self.harbour.address, self.harbour.ipv6))
        return Member(container, [name.format(host=host, ip=ip, ipv6=ipv6)],
                      ipv6 if "{ipv6}" in name else ip, self.cookie())

    def cookie(self):
        return self.shell.type("sed -n s/COOKIE=//p .env").strip()

    def observer(self, otp=BUILDERS):
        return Observer(self.harbour, f"{self.name}_default", otp, name=f"observer-of-{self.name}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.harbour.engines.try_docker("rm", "--force", f"observer-of-{self.name}")
        self.shell.type("docker compose down --timeout 2")
        self.shell.__exit__()
        self._folder.cleanup()


def wait_for_end(harbour, container):
    """The exit status of a container."""
    state = lambda: harbour.inspect(container)["State"]
    wait_until(lambda: state()["Status"] == "exited", f"{container} has ended")
    return state()["ExitCode"]
