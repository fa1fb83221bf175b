"""How containers and nodes can be named, and what discovery is to make of each.

Docker's DNS knows a container by its name, its aliases, its short id and its host name, each also
followed by the network's name. A node calls itself by the host name up to the first dot (-sname),
by the whole host name (-name), or by what it is told.
"""

import dataclasses

from docker_nodes import OVER_IPV6, OWN_IPV4, OWN_IPV6

NOWHERE = "does not resolve here"
ELSEWHERE = "resolves here, but not to"
TWICE = "several nodes have this name"


@dataclasses.dataclass
class Row:
    """A container. In texts, {id} is its short id, {ip} and {ipv6} are its addresses, and {tag} is
    the row's own."""

    title: str
    options: tuple
    nodes: tuple                    # what follows erl's own flags, a text for each node
    query: str = "{tag}-alias"
    members: tuple = ()
    non_members: dict = dataclasses.field(default_factory=dict)  # name: reason
    hidden: tuple = ()
    network: str = "net_poc"
    everywhere: bool = False        # with every OTP, not with one alone
    families: tuple = (4,)          # of a node that can connect with the members


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
    Row("over IPv4, beside IPv6", ("--hostname", "{tag}"), ("-sname node",),
        members=("node@{tag}",), network="net_both"),
    Row("over IPv6, by host name", ("--hostname", "{tag}"), (f"-sname node {OVER_IPV6}",),
        members=("node@{tag}",), network="net_both", everywhere=True, families=(4, 6)),
    Row("over IPv6, by host name and network", (), (f"-name node@$(hostname).net_both {OVER_IPV6}",),
        members=("node@{id}.net_both",), network="net_both", families=(4, 6)),
    Row("over IPv6, by address", (), (f"-name app@{OWN_IPV6} {OVER_IPV6}",),
        members=("app@{ipv6}",), network="net_both", everywhere=True, families=(6,)),
    Row("over IPv6, by the address of IPv4", (), (f"-name app@{OWN_IPV4} {OVER_IPV6}",),
        members=("app@{ip}",), network="net_both", families=(4,)),
    Row("over IPv4 and over IPv6 in a container", ("--hostname", "{tag}"),
        ("-sname one", f"-sname two {OVER_IPV6}"), members=("one@{tag}", "two@{tag}"),
        network="net_both", families=()),
    Row("over IPv6, a host part out of thin air", (), (f"-sname foo@{{tag}}-nobody {OVER_IPV6}",),
        non_members={"foo@{tag}-nobody": NOWHERE}, network="net_both"),
)
# With the options that make each.
NETWORKS = {"net_poc": (), "project_default": (), "net.dot": (),
            "net_both": ("--ipv6", "--subnet", "fd00:40::/64")}


def is_long(name):
    host = name.partition("@")[2]
    return "." in host or ":" in host
