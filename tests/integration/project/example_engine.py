"""An engine on which examples are started as they stand, with the images that they would fetch.

These are made of Debian's packages.
"""

import os
import pathlib
import subprocess
import tempfile

import examples
import image
import needs
from docker_nodes import COOKIE, PROGRAMS, Harbour, image_of

# What the entrypoint of RabbitMQ's own image does, as far as it matters here: it gives up root.
ENTRYPOINT = """#!/bin/sh -e
case $1 in rabbitmq*) is_rabbitmq=1 ;; *) is_rabbitmq=0 ;; esac
if [ "$is_rabbitmq$(id -u)" = 10 ]; then
  exec setpriv --reuid rabbitmq --regid rabbitmq --init-groups "$0" "$@"
fi
exec "$@"
"""
# That image lets its user write there, and keeps the home of that user in a volume.
RABBITS_DOCKERFILE = f"""FROM {image_of(PROGRAMS)}
RUN mkdir -p /etc/rabbitmq/conf.d && chmod 1777 /etc/rabbitmq/conf.d \\
  && rm -f /var/lib/rabbitmq/.erlang.cookie
COPY docker-entrypoint.sh /usr/local/bin/
ENV HOME=/var/lib/rabbitmq
VOLUME /var/lib/rabbitmq
ENTRYPOINT ["docker-entrypoint.sh"]
"""


def start(suite="bookworm"):
    """An engine with the image of this checkout, `portolan`, and Debian's Elixir, `elixir:slim`."""
    harbour = Harbour((PROGRAMS,), suite)
    try:
        image.provide(harbour.engines)
        harbour.docker("tag", image.TAG, "portolan")
        harbour.docker("tag", image_of(PROGRAMS), "elixir:slim")
    except BaseException:
        harbour.end()
        raise
    return harbour


def provide_rabbits(harbour):
    """Debian's RabbitMQ, in the place of the image that the example names."""
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder, "docker-entrypoint.sh")
        script.write_text(ENTRYPOINT, "ascii")
        script.chmod(0o755)
        pathlib.Path(folder, "Dockerfile").write_text(RABBITS_DOCKERFILE, "ascii")
        harbour.docker("build", "--tag", "rabbitmq:4", folder)


def run(harbour, *command, folder, cookie=COOKIE):
    """Runs what an example says in its folder, with its variable."""
    environment = os.environ | {"DOCKER_HOST": harbour.engines.containers, "DOCKER_BUILDKIT": "0"}
    environment.pop("COOKIE", None)
    environment |= {"COOKIE": cookie} if cookie else {}
    return subprocess.run([needs.program(command[0]), *command[1:]], env=environment, text=True,
                          cwd=examples.EXAMPLES / folder, capture_output=True, check=False)


def succeed(harbour, *command, folder):
    done = run(harbour, *command, folder=folder)
    if done.returncode != 0:
        raise AssertionError(f"{command} failed: {done.stdout}{done.stderr}")
    return done.stdout
