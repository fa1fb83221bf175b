"""Hosts with real nodes whose distribution is TLS, with mutual verification."""

import pathlib
import shutil
import tempfile

from authority import Authority, dist_conf
from hosts import HostsTest

# Where a node that is in a root has its files.
INSIDE = "/tls"


class TlsTest(HostsTest):
    # The nodes of each, by the number of its OTP.
    releases = {}

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.authority = Authority(self.folder)

    def address(self, at):
        return f"10.77.0.{at}"

    def conf(self, host, version, **further):
        """What our daemon on that host is given."""
        return dist_conf(self.folder / f"{host}.conf", self.authority.issue(host),
                         self.authority.certificate, version, **further)

    def flags(self, otp, host, version, certificate=None):
        """What a node is started with, which may see other folders than we do."""
        certificate = certificate or self.folder / f"{host}.pem"
        inside = self.releases[otp].folder(INSIDE)
        files = [certificate, certificate.with_suffix(".key"), self.authority.certificate]
        for file in files if inside else ():
            shutil.copy(file, inside)
        conf = dist_conf((inside or self.folder) / f"node-{host}.conf", certificate,
                         self.authority.certificate, version, INSIDE if inside else None)
        seen = f"{INSIDE}/{conf.name}" if inside else conf
        return ("-proto_dist", "inet_tls", "-ssl_dist_optfile", str(seen))

    def place(self, otp, at, version, *serve):
        """A host with a daemon and a node."""
        address = self.address(at)
        host = self.host(f"h{at}", address)
        conf = self.conf(address, version)
        daemon = self.enterContext(host.serve(
            "--discover", "web", "--interval", "200ms", "--tls-conf", conf, *serve))
        node = self.enterContext(self.releases[otp].node(
            f"n{otp}@{address}", *self.flags(otp, address, version), prefix=host.prefix))
        return host, daemon, node, conf
