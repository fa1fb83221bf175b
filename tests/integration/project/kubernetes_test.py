"""The example for Kubernetes: its manifests and its chart, against the schemas of the API.

examples_docker_test.py starts the containers of its pods.
"""

import base64
import copy
import json
import re
import unittest

import documents
import examples
import kubernetes_tools
from examples import EXAMPLES

FILES = ("cluster.yaml", "statefulset.yaml", "networkpolicy.yaml")
CHART = str(EXAMPLES / "kubernetes/chart")
KIND_OF = {"cluster.yaml": "Deployment", "statefulset.yaml": "StatefulSet"}


def setUpModule():
    kubernetes_tools.folder()


def render(*options):
    """What the chart gives to Kubernetes, by its kind."""
    import yaml
    text = kubernetes_tools.helm("template", "web", CHART, *options)
    return {each["kind"]: each for each in yaml.safe_load_all(text)}


class Schemas(unittest.TestCase):
    def test_the_manifests_are_valid(self):
        given = [each for file in FILES for each in examples.manifests(file).values()]
        self.assertEqual(kubernetes_tools.check(*given), "")

    def test_what_the_chart_makes_is_valid(self):
        for kind in KIND_OF.values():
            made = render("--set", f"kind={kind},networkPolicy=true")
            self.assertEqual(set(made), {"Service", "NetworkPolicy", kind})
            with self.subTest(kind):
                self.assertEqual(kubernetes_tools.check(*made.values()), "")

    def test_wrong_manifests_are_refused(self):
        right = examples.manifests("cluster.yaml")
        for says, kind, spoil in (
                ('"restartPolcy"\' does not exist in type', "Deployment",
                 lambda it: sidecar_of(it).update(restartPolcy="Always")),
                ('"readOnlyRootFileSystem"\' does not exist in type', "Deployment",
                 lambda it: sidecar_of(it)["securityContext"].update(readOnlyRootFileSystem=True)),
                ("not assignable to type 'number'", "Deployment",
                 lambda it: it["spec"].update(replicas="three")),
                ("'\"name\"' is missing", "Deployment",
                 lambda it: sidecar_of(it)["env"].append({"value": "1"})),
                ("/spec/template/spec/initContainers/0/resources/requests/cpu", "Deployment",
                 lambda it: sidecar_of(it)["resources"]["requests"].update(cpu="ten"))):
            spoilt = copy.deepcopy(right[kind])
            spoil(spoilt)
            with self.subTest(says):
                self.assertIn(says, kubernetes_tools.check(spoilt))


def sidecar_of(workload):
    return workload["spec"]["template"]["spec"]["initContainers"][0]


class Parts(unittest.TestCase):
    """Who names whom."""

    def test_they_fit_together(self):
        for file in KIND_OF:
            with self.subTest(file):
                self.check(examples.manifests(file)["Service"], examples.workload(file))

    def check(self, service, workload):
        template = workload["spec"]["template"]
        name, labels = service["metadata"]["name"], template["metadata"]["labels"]
        policy = examples.manifests("networkpolicy.yaml")["NetworkPolicy"]["spec"]
        for selector in (service["spec"]["selector"], workload["spec"]["selector"]["matchLabels"],
                         policy["podSelector"]["matchLabels"]):
            self.assertEqual(selector, labels)
        # Only these lead to each pod, and before its node is ready.
        self.assertEqual(service["spec"]["clusterIP"], "None")
        self.assertTrue(service["spec"]["publishNotReadyAddresses"])
        self.assertEqual(workload["spec"].get("serviceName", name), name)
        (sidecar,) = template["spec"]["initContainers"]
        self.assertEqual(sidecar["restartPolicy"], "Always")
        given = {each["name"]: each.get("value") for each in sidecar["env"]}
        self.assertEqual(given["PORTOLAN_DISCOVER"], name)
        self.assertLess(int(given["PORTOLAN_READY_MIN"]), workload["spec"]["replicas"])
        for each in [sidecar, *template["spec"]["containers"]]:
            keys = [variable["valueFrom"]["secretKeyRef"] for variable in each["env"]
                    if "secretKeyRef" in variable.get("valueFrom", {})]
            self.assertEqual(keys, [{"name": "erlang-cookie", "key": "cookie"}])

    def test_the_ports_of_the_cluster_are_the_same_everywhere(self):
        for file in KIND_OF:
            service, workload = examples.manifests(file)["Service"], examples.workload(file)
            ports = {each["port"] for each in service["spec"]["ports"]}
            self.assertTrue(all(each["appProtocol"] == "tcp" and each["name"].startswith("tcp-")
                                for each in service["spec"]["ports"]))
            annotations = (service["metadata"]["annotations"]
                           | workload["spec"]["template"]["metadata"]["annotations"])
            self.assertEqual(len(annotations), 3)
            for text in annotations.values():
                self.assertEqual(set(map(int, text.split(","))), ports)
            policy = examples.manifests("networkpolicy.yaml")["NetworkPolicy"]["spec"]
            for rule in (policy["ingress"][0], policy["egress"][0]):
                self.assertEqual({each["port"] for each in rule["ports"]}, ports)


class Document(unittest.TestCase):
    """README.md, as far as its commands need no cluster."""

    PLACE = EXAMPLES / "kubernetes"

    def test_its_secret_is_the_one_that_the_pods_name(self):
        import yaml
        block, *_ = documents.blocks_of(self.PLACE / "README.md", "sh")
        made = yaml.safe_load(kubernetes_tools.typed(block.splitlines()[0], self.PLACE))
        self.assertEqual(made["metadata"]["name"], "erlang-cookie")
        self.assertRegex(base64.b64decode(made["data"]["cookie"]), rb"^[0-9a-f]{32}$")

    def test_its_other_commands_name_what_there_is(self):
        block, *_ = documents.blocks_of(self.PLACE / "README.md", "sh")
        _, apply, status, wait, mesh = block.splitlines()
        self.assertEqual(apply, "kubectl apply --filename cluster.yaml")
        kind, name = status.removeprefix("kubectl rollout status ").split("/")
        self.assertEqual((kind, name),
                         ("deployment", examples.workload("cluster.yaml")["metadata"]["name"]))
        (sidecar,) = examples.workload("cluster.yaml")["spec"]["template"]["spec"]["initContainers"]
        (alias,) = (each["value"] for each in sidecar["env"] if each["name"] == "PORTOLAN_DISCOVER")
        ask = f"kubectl exec {kind}/{name} --container {sidecar['name']} -- /bin/portolan"
        count = examples.workload("cluster.yaml")["spec"]["replicas"]
        self.assertEqual((wait, mesh), (f"{ask} wait {alias} --min {count} --connected",
                                        f"{ask} mesh {alias}"))
        text = documents.text_of(self.PLACE / "README.md")
        self.assertIn(f"kubectl delete {kind} {name}", text)
        self.assertIn(f"kubectl scale {kind} {name} --replicas 0", text)
        self.assertIn("kubectl apply --filename statefulset.yaml", text)
        self.assertIn(f"kubectl rollout status statefulset/{name}", text)

    def test_what_it_gives_to_a_release_is_valid(self):
        import yaml
        given, = documents.blocks_of(self.PLACE / "README.md", "yaml")
        made = examples.manifests("cluster.yaml")
        made["Deployment"]["spec"]["template"]["spec"]["containers"][0].update(yaml.safe_load(given))
        self.assertEqual(kubernetes_tools.check(*made.values()), "")

    def test_its_chart_can_be_installed(self):
        (command,) = re.findall(r"`(helm install [^`]*)`",
                                documents.text_of(self.PLACE / "README.md"))
        self.assertIn("kind: StatefulSet", kubernetes_tools.typed(command, self.PLACE))


class Chart(unittest.TestCase):
    def test_helm_finds_nothing_wrong(self):
        kubernetes_tools.helm("lint", "--strict", CHART)

    def test_it_makes_what_the_files_say(self):
        for file, kind in KIND_OF.items():
            made = render("--set", f"kind={kind},networkPolicy=true")
            said = examples.manifests(file) | examples.manifests("networkpolicy.yaml")
            for part in said:
                with self.subTest(file=file, part=part):
                    self.assertEqual(without_command(made[part]), without_command(said[part]))

    def test_its_values_are_used(self):
        made = render("--set", "distributionPort=9200,node.image=mine:1,readyMin=1,replicas=2",
                      "--set-json", 'node.env=[{"name":"A","value":"b"}]',
                      "--set-json", 'node.ports=[{"name":"http","containerPort":4000}]')
        (node,) = made["Deployment"]["spec"]["template"]["spec"]["containers"]
        self.assertEqual(node["image"], "mine:1")
        self.assertIn({"name": "A", "value": "b"}, node["env"])
        self.assertEqual([each["containerPort"] for each in node["ports"]], [9200, 4000])
        self.assertNotIn("9100", str(made))
        self.assertEqual(kubernetes_tools.check(*made.values()), "")

    def test_its_command_is_any_text(self):
        command = 'echo "a: b" # c & <d> \\ {{ e }}\nexec sleep 1'
        for kind, host in (("Deployment", "$POD_IP"), ("StatefulSet", "$(hostname -f)")):
            made = render("--set", f"kind={kind}", "--set-json",
                          f"node.command={json.dumps(command)}")
            (node,) = made[kind]["spec"]["template"]["spec"]["containers"]
            self.assertEqual(node["command"], ["sh", "-c", f'NODE="app@{host}"; {command}'])

    def test_values_that_cannot_work_are_refused(self):
        for values, says in (("kind=DaemonSet", "kind is Deployment or StatefulSet"),
                             ("readyMin=0", "readyMin must be 1 or more")):
            with self.assertRaisesRegex(AssertionError, says):
                render("--set", values)


def without_command(manifest):
    """The chart has a shell's variables where the files have what they stand for."""
    manifest = copy.deepcopy(manifest)
    for node in manifest["spec"].get("template", {}).get("spec", {}).get("containers", []):
        del node["command"]
        node["env"] = [each for each in node["env"] if each["name"] != "PORT"]
    return manifest


if __name__ == "__main__":
    unittest.main()
