"""`portolan doctor --migrate`: what it prints is done as it stands, and then Portolan is the EPMD."""

import json
import unittest

from docker_nodes import Harbour, image_of, wait_until
from image import TAG

PROGRAM = "/harbour/portolan"
START = ("erl", "-noinput", "-sname", "web", "-setcookie", "harbour")
EPMD_OF_ERL = "/usr/lib/erlang/erts-*/bin/epmd"

harbour = None


def setUpModule():
    global harbour
    harbour = Harbour((25,))
    unittest.addModuleCleanup(harbour.end)
    harbour.docker("tag", TAG, "portolan")


def shell(container, script):
    return harbour.docker("exec", container, "sh", "-ec", script)


def advice_in(container):
    return json.loads(harbour.docker("exec", container, PROGRAM, "doctor", "--migrate", "--json"))


def wait_for_web(container):
    wait_until(lambda: "web\t" in shell(container, f"{PROGRAM} names 2>/dev/null || :"), "web is there")


def program_at_port(container):
    """Of the process that answers as EPMD, as it says itself."""
    found = json.loads(harbour.docker("exec", container, PROGRAM, "doctor", "--json"))
    return next(step["found"] for step in found["steps"] if step["step"] == "epmd")


class Migration(unittest.TestCase):
    def test_an_image_is_built_with_the_lines_that_are_printed(self):
        # A shell stays process 1; of an emulator nobody can tell how it was started.
        before = harbour.run(command=("sh", "-c", " ".join(START) + "; exit"))
        wait_for_web(before)
        advice = advice_in(before)
        self.assertIn("`erl` has started it", advice["start"])
        (step,) = advice["steps"]
        self.assertEqual(step["where"], "dockerfile")
        folder = harbour.folder / "migrated"
        folder.mkdir()
        (folder / "Dockerfile").write_text("\n".join([f"FROM {image_of(25)}", *step["lines"], ""]))
        harbour.docker("build", "--tag", "migrated", str(folder))
        after = harbour.engines.run("--volume", f"{harbour.folder}:/harbour", "migrated")
        wait_for_web(after)
        self.assertIn("held by portolan", program_at_port(after))
        self.assertIn("it is Portolan already", advice_in(after)["start"])

    def test_a_host_without_a_service_manager_is_moved_without_losing_a_name(self):
        host = harbour.run("--init", "--cap-add", "SYS_PTRACE")
        shell(host, "rm /.dockerenv")
        harbour.docker("exec", "--detach", host, *START)
        wait_for_web(host)
        names = shell(host, f"{PROGRAM} names")
        link, takeover = advice_in(host)["steps"]
        shell(host, "\n".join(link["lines"]))
        harbour.docker("exec", "--detach", host, "sh", "-ec", takeover["lines"][0])
        wait_until(lambda: "held by portolan" in program_at_port(host), "Portolan answers")
        self.assertEqual(shell(host, f"{PROGRAM} names"), names)
        self.assertEqual(shell(host, f"readlink {EPMD_OF_ERL}").strip(), PROGRAM)
        harbour.docker("exec", host, PROGRAM, "check", "web")

    def test_where_none_runs_it_says_so(self):
        host = harbour.run()
        said = shell(host, f"{PROGRAM} doctor --migrate 2>&1 && exit 1 || [ $? = 1 ]")
        self.assertIn("no process is seen to listen on port 4369", said)


if __name__ == "__main__":
    unittest.main()
