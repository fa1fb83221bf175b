"""What the tests of RabbitMQ's example share."""

import unittest

import example_engine
import warren
from warren import wait_until

# From RabbitMQ's own log, when it stops in order.
IN_ORDER = "stopped TCP listener on"


class Machine:
    """The engine of all cases of a test."""

    harbour = None

    @classmethod
    def start(cls, suite):
        """With the RabbitMQ of a Debian release."""
        cls.harbour = example_engine.start(suite)
        unittest.addModuleCleanup(cls.harbour.end)
        example_engine.provide_rabbits(cls.harbour)
        warren.provide_nameserver(cls.harbour)


def wait_for_line(brokers, host, line):
    """Until the log of its container has it."""
    wait_until(lambda: line in brokers.log(host), f"{host} says {line}")
