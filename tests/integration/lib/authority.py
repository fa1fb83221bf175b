"""A certificate authority of the test's own, and the files that nodes and Portolan get from it."""

import pathlib
import subprocess

import needs


def _openssl(*words):
    subprocess.run([needs.program("openssl"), *map(str, words)], check=True, capture_output=True)


class Authority:
    def __init__(self, folder, name="authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate = self.folder / "authority.pem"
        self._key = self.folder / "authority.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-days", 2, "-subj", f"/CN={name}", "-keyout", self._key,
                 "-out", self.certificate)

    def issue(self, host, days=2, file=None):
        """A certificate for a host, which has ended with days=-1; its path. The key is beside it."""
        path = self.folder / f"{file or host}.pem"
        key, request, extensions = (path.with_suffix(end) for end in (".key", ".csr", ".ext"))
        # Nodes look for an address among the names.
        address = f",IP:{host}" if host.replace(".", "").isdigit() else ""
        extensions.write_text(f"subjectAltName=DNS:{host}{address}\n", "ascii")
        _openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={file or host}",
                 "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key,
                 "-CAcreateserial", "-days", days, "-extfile", extensions, "-out", path)
        return path


def dist_conf(path, certificate, authorities, version="tlsv1.3", place=None, host_check=True):
    """A file for -ssl_dist_optfile with mutual verification, where the files are in `place`."""
    def at(file):
        return f'"{pathlib.Path(place or file.parent) / file.name}"'
    own = (f"{{certfile, {at(certificate)}}}, {{keyfile, {at(certificate.with_suffix('.key'))}}}, "
           f"{{cacertfile, {at(authorities)}}}, {{verify, verify_peer}}, "
           f"{{versions, ['{version}']}}")
    more = "" if host_check else ", {server_name_indication, disable}"
    path.write_text(f"%% As a node has it.\n[{{server, [{own}, {{fail_if_no_peer_cert, true}}]}},\n"
                    f" {{client, [{own}{more}]}}].\n", "ascii")
    return path
