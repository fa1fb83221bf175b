"""The image of this checkout, made anew when a file of it has changed.

It is the last stage of the Dockerfile, with what is compiled on this machine, in seconds if the
compiler's cache of scripts/test has it. With PORTOLAN_IMAGE=dockerfile the Dockerfile makes all of it.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import compiler_cache
import root
from docker_engine import CHECKOUT, rootfs

TAG = "portolan:test"
NODE = "node:test"
INPUTS = ("Dockerfile", ".dockerignore", "CMakeLists.txt", "CMakePresets.json", "LICENSE",
          "docs/man", "docs/systemd", "packaging", "scripts/image_root", "scripts/install",
          "scripts/linked", "scripts/packages", "scripts/sbom", "src")
_WEEK = 7 * 86400


def provide(engines):
    """Loads the image TAG into the engine for containers; makes it, if need be."""
    make, key = _way()
    tar = root.cache() / f"image-{key}.tar"
    # Two tests that want it at once do not both make it.
    with open(tar.with_suffix(".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tar.exists():
            forget_old(tar.parent.glob("image-*.*"))
            make(engines, tar)
    engines.docker("load", "--input", str(tar))


def _way():
    """How it is made, and what it is made of."""
    if os.environ.get("PORTOLAN_IMAGE") != "dockerfile":
        return _make_here, key_of("here")
    base = rootfs("bookworm", *root.packages("build", "cache"))
    return lambda engines, tar: _make_all(engines, base, tar), key_of_base(base)


def provide_nodes(engines):
    """Loads NODE, with Erlang and Python."""
    engines.import_rootfs(rootfs("bookworm", "erlang-base", "python3-minimal"), NODE)


def key_of_base(base, names=INPUTS):
    """What is made on this base, of these files and folders."""
    return key_of(f"{base.name} {base.stat().st_mtime_ns}", names)


def key_of(place, names=INPUTS):
    digest = hashlib.sha256(place.encode())
    for path in _files(names):
        digest.update(f"\0{path.relative_to(CHECKOUT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _files(names):
    for name in names:
        path = CHECKOUT / name
        yield from sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def forget_old(kept):
    """What is older than a week: another checkout's tests may be using the rest."""
    for path in kept:
        if time.time() - path.stat().st_mtime > _WEEK:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _provide_base(engines, base):
    """The base image of the build: its packages, and the compiler's cache of scripts/test."""
    builder = engines.builder
    engines.import_rootfs(base, "packages:test", builder)
    engines.docker("create", "--name", "base", "packages:test", "true", engine=builder)
    if compiler_cache.folder():
        engines.docker("cp", compiler_cache.folder(), "base:/ccache", engine=builder)
    variables = compiler_cache.environment("/ccache", "/portolan")
    changes = [f"--change=ENV {name}={value}" for name, value in variables.items()]
    engines.docker("commit", *changes, "base", "base:test", engine=builder)


def _make_all(engines, base, tar):
    print("building the image, a minute or two", file=sys.stderr, flush=True)
    _provide_base(engines, base)
    proxies = [name for name in os.environ if name.lower().endswith("_proxy")]
    _build(engines, tar, "--network", "host", "--build-arg", "BASE=base:test",
           *(f"--build-arg={name}" for name in proxies), str(CHECKOUT))


def _make_here(engines, tar):
    print("compiling for the image, seconds or a minute", file=sys.stderr, flush=True)
    static = CHECKOUT / "build/static"
    for command in (["cmake", "--preset", "release", "-B", static, "-DPORTOLAN_STATIC=ON"],
                    ["cmake", "--build", static]):
        subprocess.run(command, check=True, cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory(prefix="image-") as context:
        subprocess.run([CHECKOUT / "scripts/image_root", static, f"{context}/image"], check=True)
        dockerfile = (CHECKOUT / "Dockerfile").read_text("utf-8")
        stage = dockerfile[dockerfile.index("FROM scratch"):]
        copied = stage.replace("COPY --from=build /image /", "COPY image /")
        assert copied != stage, "the Dockerfile no longer copies /image"
        pathlib.Path(context, "Dockerfile").write_text(copied, "utf-8")
        _build(engines, tar, context)


def _build(engines, tar, *how):
    with tempfile.TemporaryDirectory(dir=tar.parent, prefix="making-") as work:
        engines.docker("build", "--tag", TAG, *how, engine=engines.builder)
        whole = pathlib.Path(work, "image.tar")
        engines.docker("save", "--output", str(whole), TAG, engine=engines.builder)
        whole.rename(tar)
