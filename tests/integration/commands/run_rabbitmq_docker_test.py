"""`portolan run --signal-group` with a real RabbitMQ in a container: Debian's `rabbitmq-server` is a
script that starts the broker as its child and does not pass on signals."""

import unittest

from docker_nodes import PROGRAMS, Harbour, wait_until

NET = "warren"
# From RabbitMQ's own log, in this order.
IN_ORDER = ("SIGTERM received - shutting down", "stopped TCP listener on",
            "msg_store_transient' is stopped")
# A script that died of SIGTERM, as a shell tells it.
TERMINATED = 128 + 15
GRACE = 60

harbour = None


def setUpModule():
    global harbour
    harbour = Harbour((PROGRAMS,))
    unittest.addModuleCleanup(harbour.end)
    harbour.network(NET)
    # RabbitMQ's own user is to find the binary there.
    harbour.folder.chmod(0o755)
    (harbour.folder / "portolan").chmod(0o755)


class Broker(unittest.TestCase):
    def start(self, name, *options):
        """Once it is up. It runs as its own user: `su` would put the broker into a session of its
        own."""
        logs = harbour.folder / name
        logs.mkdir(mode=0o777)
        logs.chmod(0o777)
        harbour.run("--name", name, "--hostname", name, "--network", NET, "--user", "rabbitmq",
                    "--volume", f"{logs}:/var/log/rabbitmq", otp=PROGRAMS, command=(
                        "/harbour/portolan", "run", *options, "--", "rabbitmq-server"))
        wait_until(lambda: "Server startup complete" in self.log(name), f"{name} is up", 120)

    @staticmethod
    def log(name):
        files = sorted((harbour.folder / name).glob("*.log"))
        return "".join(file.read_text("utf-8", errors="replace") for file in files)

    @staticmethod
    def stop(name):
        """Returns the exit status."""
        harbour.docker("stop", "--time", str(GRACE), name)
        return harbour.inspect(name)["State"]["ExitCode"]

    def test_it_stops_in_order(self):
        self.start("ordered", "--signal-group")
        self.assertEqual(self.stop("ordered"), TERMINATED)
        log = self.log("ordered")
        places = [log.find(line) for line in IN_ORDER]
        self.assertEqual(places, sorted(places), log[-4000:])
        self.assertNotIn(-1, places, log[-4000:])
        said = harbour.log("ordered")
        self.assertIn("waiting for the other processes of its group", said)
        self.assertIn("unregistered 'rabbit'", said)

    def test_without_the_option_it_is_taken_down(self):
        self.start("hurried")
        self.stop("hurried")
        for line in IN_ORDER:
            self.assertNotIn(line, self.log("hurried"))


if __name__ == "__main__":
    unittest.main()
