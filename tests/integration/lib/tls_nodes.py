"""Real nodes whose distribution is TLS."""

import atexit
import pathlib
import tempfile

from docker_nodes import make_certificate
from nodes import Node

_folder = None


def certificate():
    """The folder of a certificate and its key, made once."""
    global _folder
    if _folder is None:
        _folder = tempfile.TemporaryDirectory()
        atexit.register(_folder.cleanup)
        make_certificate(pathlib.Path(_folder.name))
    return pathlib.Path(_folder.name)


def tls_flags(certificate_file, key_file):
    return ("-proto_dist", "inet_tls", "-ssl_dist_opt", "server_certfile", str(certificate_file),
            "-ssl_dist_opt", "server_keyfile", str(key_file))


class TlsNode(Node):
    def __init__(self, name, *flags, **further):
        own = tls_flags(certificate() / "cert.pem", certificate() / "key.pem")
        super().__init__(name, *own, *flags, **further)
