"""The documented examples, as files: what stands in them."""

import json
import pathlib
import re

import needs

EXAMPLES = pathlib.Path(__file__).resolve().parents[3] / "docs/examples"
YAML = sorted(EXAMPLES.glob("*/*.yaml"))
DOCKERFILES = sorted(EXAMPLES.glob("*/Dockerfile"))


def documents(path):
    """All that a YAML file holds."""
    try:
        import yaml
    except ImportError:
        needs.missing("there is no module yaml for Python", "install python3-yaml")
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def manifests(file):
    """What is given to Kubernetes with a file, by its kind."""
    return {each["kind"]: each for each in documents(EXAMPLES / "kubernetes" / file)}


def workload(file):
    """The one that makes pods."""
    found = manifests(file)
    return found.get("Deployment") or found["StatefulSet"]


def instructions(path):
    """The lists of words in a Dockerfile, by their instruction."""
    return {name: json.loads(words) for name, words in re.findall(
        r"^(\w+) (\[.*\])$", path.read_text("utf-8"), re.MULTILINE)}


def leaves(tree):
    """All texts below a point of a document, and all lists of texts."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield key
            yield from leaves(value)
    elif isinstance(tree, list):
        if all(isinstance(each, str) for each in tree):
            yield tree
        for each in tree:
            yield from leaves(each)
    elif isinstance(tree, str):
        yield tree
