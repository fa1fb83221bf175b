"""How containers and nodes can be named, and what discovery is to make of each.

Docker's DNS knows a container by its name, its aliases, its short id and its host name, each also
followed by the network's name. A node calls itself by the host name up to the first dot (-sname),
by the whole host name (-name), or by what it is told.
"""

import dataclasses

NOWHERE = "does not resolve here"
ELSEWHERE = "resolves here, but not to"
TWICE = "several nodes have this name"


@dataclasses.dataclass
class Row:
    """A container. In texts, {id} is its short id, {ip} its address and {tag} the row's own."""

    title: str
    options: tuple
    nodes: tuple                    # what follows erl's own flags, a text for each node
    query: str = "{tag}-alias"
    members: tuple = ()
    non_members: dict = dataclasses.field(default_factory=dict)  # name: reason
    hidden: tuple = ()
    network: str = "net_poc"
    everywhere: bool = False        # with every OTP, not with one alone


ROWS = (
    Row("--name like --hostname",
        ("--name", "{tag}", "--hostname", "{tag}", "--network-alias", "mixed"),
        ("-sname node",), members=("node@{tag}",), everywhere=True),
    Row("--name unlike --hostname", ("--name", "{tag}", "--hostname", "{tag}-host"),
        ("-sname node",), members=("node@{tag}-host",), everywhere=True),
    Row("unnamed, an alias", (), ("-sname node",), members=("node@{id}",), everywhere=True),
    Row("unnamed, several aliases", ("--network-alias", "{tag}-zz", "--network-alias", "{tag}-aa"),
        ("-sname node",), query="{tag}-aa", members=("node@{id}",)),
    Row("unnamed, without an alias", (), ("-sname node",), query="{id}", members=("node@{id}",)),
    Row("unnamed, --hostname alone", ("--hostname", "{tag}-only"), ("-sname node",),
        query="{tag}-only", members=("node@{tag}-only",)),
    Row("a host name with dots, -sname", ("--name", "{tag}", "--hostname", "{tag}-h.example.com"),
        ("-sname node",), non_members={"node@{tag}-h": NOWHERE}, everywhere=True),
    Row("a host name with capitals", ("--hostname", "{tag}-My_Host"), ("-sname node",),
        members=("node@{tag}-My_Host",)),
    Row("a host name with capitals and a dot", ("--hostname", "{tag}-My_Host.X"), ("-sname node",),
        non_members={"node@{tag}-My_Host": NOWHERE}),
    Row("--domainname, -sname", ("--hostname", "{tag}-dom", "--domainname", "example.org"),
        ("-sname node",), members=("node@{tag}-dom",)),
    Row("--domainname, -name", ("--hostname", "{tag}-dom", "--domainname", "example.org"),
        ("-name node",), non_members={"node@{tag}-dom.example.org": NOWHERE}),
    Row("a container name with a dot", ("--name", "{tag}.dot_x"), ("-sname node",),
        members=("node@{id}",)),
    Row("a long name that is the host name", ("--hostname", "{tag}-long.net_poc"),
        ("-name node",), members=("node@{tag}-long.net_poc",), everywhere=True),
    Row("a name by address", (), ("-name app@$(hostname -i)",), members=("app@{ip}",),
        everywhere=True),
    Row("a name by host name and network", (), ("-name node@$(hostname).net_poc",),
        members=("node@{id}.net_poc",), everywhere=True),
    Row("a host part out of thin air", (), ("-sname foo@{tag}-nobody",),
        non_members={"foo@{tag}-nobody": NOWHERE}),
    Row("a host part that is another container's", (), ("-sname foo@real",),
        non_members={"foo@real": ELSEWHERE}),
    Row("a hidden node", ("--hostname", "{tag}"), ("-sname node -hidden",),
        hidden=("node@{tag}",), everywhere=True),
    Row("two nodes in a container", ("--hostname", "{tag}"), ("-sname one", "-sname two"),
        members=("one@{tag}", "two@{tag}")),
    Row("a short and a long name in a container", ("--hostname", "{tag}"),
        ("-sname short", "-name long@$(hostname).net_poc"),
        members=("short@{tag}", "long@{tag}.net_poc")),
    Row("a host name that two have, one", ("--name", "{tag}", "--hostname", "twice"),
        ("-sname node",), query="twice", non_members={"node@twice": TWICE}),
    Row("a host name that two have, the other", ("--name", "{tag}", "--hostname", "twice"),
        ("-sname node",), query="twice", non_members={"node@twice": TWICE}),
    Row("as Compose names them", ("--name", "{tag}-service-1", "--network-alias", "service"),
        ("-sname node",), query="service", members=("node@{id}",), network="project_default"),
    Row("a network with a dot", ("--name", "{tag}"), ("-name node@$(hostname).net.dot",),
        members=("node@{id}.net.dot",), network="net.dot"),
    Row("a network with a dot, -sname", ("--name", "{tag}", "--hostname", "{tag}-dot"),
        ("-sname node",), members=("node@{tag}-dot",), network="net.dot"),
)
NETWORKS = ("net_poc", "project_default", "net.dot")


def is_long(name):
    return "." in name.partition("@")[2]
