"""Puts numbers into a quorum queue until it is told to stop, and then reads all that is there.

Runs in a container: quorum_client.py FOLDER HOST…. In the folder `confirmed` has each number that
the cluster has confirmed, `stop` ends the first part, and `read` has what was read.
"""

import itertools
import pathlib
import sys
import time

import pika

QUEUE = "numbers"
FOLDER = pathlib.Path(sys.argv[1])
HOSTS = itertools.cycle(sys.argv[2:])
LOGIN = pika.PlainCredentials("test", "test")


def channel():
    """On the next host that has one."""
    for host in HOSTS:
        try:
            made = pika.BlockingConnection(pika.ConnectionParameters(
                host, credentials=LOGIN, heartbeat=5, socket_timeout=2, stack_timeout=5)).channel()
            made.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
            made.confirm_delivery()
            return made
        except (pika.exceptions.AMQPError, OSError):
            pass


def publish(confirmed):
    made = channel()
    for number in itertools.count():
        while True:
            try:
                made.basic_publish("", QUEUE, str(number), mandatory=True)
                break
            except (pika.exceptions.AMQPError, OSError):
                made = channel()
        print(number, file=confirmed, flush=True)
        if (FOLDER / "stop").exists():
            return
        time.sleep(0.01)  # the broker has other work


def read():
    made = channel()
    while True:
        method, _, body = made.basic_get(QUEUE)
        if method is None:
            return
        made.basic_ack(method.delivery_tag)
        yield body.decode()


with open(FOLDER / "confirmed", "w", encoding="ascii") as file:
    publish(file)
(FOLDER / "making").write_text("\n".join(read()), "ascii")
(FOLDER / "making").rename(FOLDER / "read")
