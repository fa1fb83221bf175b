"""The image for two architectures as scripts/image makes it, built once for each content."""

import fcntl
import os
import pathlib
import shutil
import sys
import tempfile

import compiler_cache
import image
import root
from docker_engine import CHECKOUT, rootfs
from documents import blocks_of

COMMIT, TIME = "f" * 40, 1_790_000_000
GROUPS = ("build", "image", "arm64", "package", "cache")
_INPUTS = (*image.INPUTS, "scripts/image", "scripts/oci_archive")


def built():
    """A folder with two archives: `first` for both, and `again` for amd64, from another folder."""
    base = rootfs("bookworm", *root.packages(*GROUPS))
    target = root.cache() / f"platforms-{image.key_of_base(base, _INPUTS)}"
    with open(root.cache() / "platforms.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            image.forget_old(root.cache().glob("platforms-*"))
            with Builder() as builder:
                builder.build(target)
    return target


class Builder(root.Root):
    def __init__(self):
        super().__init__("bookworm", *root.packages(*GROUPS), place=root.in_memory(4 << 30))
        if compiler_cache.folder():
            self.bind(compiler_cache.folder(), "/ccache")

    def build(self, target):
        print("building for two architectures, some minutes", file=sys.stderr, flush=True)
        (recipe,) = [block for block in blocks_of(CHECKOUT / "docs/PACKAGES.md", "sh")
                     if block.startswith("scripts/image\n")]
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="making-") as work:
            whole = pathlib.Path(work, "whole")
            whole.mkdir()
            self.make("/portolan", recipe, whole / "first")
            # What another folder, at another time, has compiled for itself.
            self.make("/again/in/another", "umask 077; scripts/image amd64", whole / "again",
                      CCACHE_NAMESPACE="again", TZ="Asia/Tokyo")
            os.rename(whole, target)

    def make(self, home, recipe, target, **further):
        for name in root.checkout_files():
            copy = pathlib.Path(f"{self.path}{home}", name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, copy)
        variables = compiler_cache.environment("/ccache", home) | further | {
            "PORTOLAN_COMMIT": COMMIT, "SOURCE_DATE_EPOCH": str(TIME)}
        done = self.run("env", *(f"{name}={value}" for name, value in variables.items()), "sh",
                        "-ec", f"cd {home}; {recipe}")
        assert done.returncode == 0, done.stdout[-4000:]
        shutil.copy(f"{self.path}{home}/{done.stdout.splitlines()[-1]}", target)
