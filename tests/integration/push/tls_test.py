"""A real node whose distribution is TLS, and what can be wrong with a certificate: it is said where
somebody looks, and the node logs nothing of it."""

import re
import shutil
import subprocess
import unittest

import daemons
import needs
import network
import releases
from authority import Authority, dist_conf
from daemons import wait_until
from tls_world import TlsTest

NODE = "n25@10.77.0.1"
HOST = "10.77.0.1"


def setUpModule():
    releases.fetch(25)
    network.enter_private_network()
    for name in ("openssl", "nsenter"):
        needs.program(name)
    daemons.portolan()
    TlsTest.releases[25] = unittest.enterModuleContext(releases.Release(25))


class Wrong(TlsTest):
    """One node of this machine's release, and what is wrong with a certificate."""

    def setUp(self):
        super().setUp()
        self.one = self.host("h1", HOST)
        self.conf(HOST, "tlsv1.3")
        self.dns.set("web", HOST)

    def start_node(self, certificate=None):
        """The node n25@10.77.0.1 with a daemon, which is told nothing of TLS."""
        node = self.releases[25].node(NODE,
                             *self.flags(25, HOST, "tlsv1.3", certificate),
                             prefix=self.one.prefix)
        self.enterContext(self.one.serve())
        self.enterContext(node)
        self.wait_until_registered()
        return node

    def assert_logged_nothing(self, node):
        """A log comes after what it tells of. Of somebody who speaks too old a TLS the node logs a
        line: once that is there, so is what came before."""
        (port,) = re.findall(r"\bn25\D+(\d+)", self.one.portolan("names").stdout)
        subprocess.run([*self.one.prefix, "openssl", "s_client", "-tls1_2", "-connect",
                        f"{HOST}:{port}"], check=False, stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=60)
        said = wait_until(lambda: "Protocol Version" in (text := node.output()) and text, "it logs")
        self.assertEqual(said.count(" REPORT===="), 1, said)

    def wait_until_registered(self):
        wait_until(lambda: "n25" in self.one.portolan("names").stdout, "the node registers", 30)

    def tls(self):
        """The step of the doctor, once the node is there."""
        conf = self.folder / f"{HOST}.conf"
        return self.one.doctor(NODE, "--tls-conf", conf)["tls"]

    def discover(self, *words):
        """Names and what is said of the others, once the node has loaded its TLS."""
        done = self.one.portolan("discover", "web", *words)
        return done.stdout.split(), done.stderr

    def test_without_certificates_it_is_said_what_to_give(self):
        """A node takes long for the first who comes, as it loads its TLS then."""
        self.start_node()
        told = "there are nodes with TLS distribution"
        said = wait_until(lambda: told in (text := self.discover()[1]) and text, "it is said")
        self.assertEqual(said.count(told), 1)
        self.assertIn("it uses TLS distribution (give --tls-ca or --tls-conf", said)

    def test_a_file_that_is_missing_is_told_before_there_is_a_node(self):
        _, said = self.discover("--tls-ca", self.folder / "none")
        self.assertIn("cannot use the authorities of TLS in", said)

    def test_one_that_has_ended(self):
        node = self.start_node(self.authority.issue(HOST, -1, "old"))
        step = self.tls()
        self.assertEqual(step["result"], "failed")
        self.assertIn("certificate has expired", step["found"])
        self.assertIn("renew", step["remedy"])
        names, said = self.discover("--tls-ca", self.authority.certificate)
        self.assertEqual(names, [])
        self.assertIn("its certificate is not to be trusted: certificate has expired", said)
        self.assert_logged_nothing(node)

    def test_one_for_another_host(self):
        node = self.start_node(self.authority.issue("elsewhere"))
        step = self.tls()
        self.assertEqual(step["result"], "failed")
        self.assertIn(f"is not for '{HOST}'", step["found"])
        conf = self.folder / f"{HOST}.conf"
        names, said = self.discover("--tls-conf", conf)
        self.assertEqual(names, [])
        self.assertIn(f"its certificate is for 'elsewhere', and not for '{HOST}'", said)
        lax = dist_conf(self.folder / "lax.conf", self.folder / f"{HOST}.pem",
                        self.authority.certificate, host_check=False)
        self.assertEqual(self.discover("--tls-conf", lax)[0], [node.name])
        self.assert_logged_nothing(node)

    def test_of_an_authority_that_we_do_not_know(self):
        stranger = Authority(self.folder / "stranger", "stranger")
        node = self.start_node()
        conf = dist_conf(self.folder / "foreign.conf", self.folder / f"{HOST}.pem",
                         stranger.certificate)
        names, said = self.discover("--tls-conf", conf)
        self.assertEqual(names, [])
        self.assertIn("its certificate is not to be trusted: ", said)
        # It takes ours, and hears no alert: it is we who leave.
        self.assert_logged_nothing(node)

    def test_none_where_one_is_wanted(self):
        self.start_node()
        steps = self.one.doctor(NODE, "--tls-ca", self.authority.certificate)
        self.assertEqual(steps["handshake"]["result"], "failed")
        self.assertIn("wants a certificate", steps["handshake"]["meaning"])
        self.assertIn("--tls-cert", steps["handshake"]["remedy"])

    def test_a_node_without_tls(self):
        self.enterContext(self.one.serve())
        node = self.enterContext(self.releases[25].node(NODE, prefix=self.one.prefix))
        self.wait_until_registered()
        step = self.tls()
        self.assertIn("may run without TLS", step["meaning"])
        self.assertEqual(node.output(), "")

    def test_files_that_are_put_there_later_and_renewed(self):
        """The daemon of another host begins without its own certificate."""
        node = self.start_node()
        other = self.host("h2", "10.77.0.2")
        conf, own = self.conf("10.77.0.2", "tlsv1.3"), self.folder / "10.77.0.2.pem"
        away = own.rename(self.folder / "away")
        daemon = self.enterContext(other.serve(
            "--discover", "web", "--interval", "200ms", "--tls-conf", conf))
        daemon.wait_for_log("cannot use the certificate of TLS in")
        daemon.wait_for_log("is not a member: cannot use the certificate")
        away.rename(own)
        daemon.wait_for(f"joined {node.name}")
        own.write_text("no certificate", "ascii")
        another = self.enterContext(self.releases[25].node(
            f"another@{HOST}", *self.flags(25, HOST, "tlsv1.3"), prefix=self.one.prefix))
        daemon.wait_for(f"joined {another.name}")
        self.assertEqual(daemon.log().count("what was read before stays in use"), 2)
        self.assertNotIn("left", daemon.said())
        self.assert_logged_nothing(node)

    def test_an_authority_that_is_put_right_counts_at_once(self):
        stranger = Authority(self.folder / "stranger", "stranger")
        authorities = self.folder / "authorities.pem"
        shutil.copy(stranger.certificate, authorities)
        node = self.start_node()
        other = self.host("h2", "10.77.0.2")
        daemon = self.enterContext(other.serve(
            "--discover", "web", "--interval", "200ms", "--tls-ca", authorities,
            "--tls-cert", self.folder / f"{HOST}.pem", "--tls-key", self.folder / f"{HOST}.key"))
        daemon.wait_for_log("its certificate is not to be trusted: ")
        shutil.copy(self.authority.certificate, authorities)
        daemon.wait_for(f"joined {node.name}")


if __name__ == "__main__":
    unittest.main()
