#include "doctor/own_host.h"

#include <map>

#include "catch.h"

using doctor::own_host_of;

namespace {

using Words = std::vector<std::string>;

struct Node {
  std::vector<std::string> words = {"erl"};
  std::map<std::string, std::string> variables = {};
  std::string host_name = "node1";
  std::string hosts_file = {};
};

std::string host_of(const Node& node) {
  const auto variable = [&node](const char* name) {
    const auto found = node.variables.find(name);
    return found == node.variables.end() ? nullptr : found->second.c_str();
  };
  return own_host_of({node.words, variable, node.host_name, node.hosts_file});
}

}  // namespace

TEST_CASE("a node without a host part takes the host's name up to the first dot") {
  CHECK(host_of({}) == "node1");
  CHECK(host_of({{"erl", "-sname", "app"}}) == "node1");
  CHECK(host_of({{"erl", "-sname", "app"}, {}, "node1.example.com"}) == "node1");
  CHECK(host_of({{"bin/app", "start"}, {}, "node1.example.com"}) == "node1");
}

TEST_CASE("a node with -name takes all of the host's name") {
  CHECK(host_of({{"erl", "-name", "app"}, {}, "node1.example.com"}) == "node1.example.com");
  CHECK(host_of({{"elixir", "--name", "app"}, {}, "node1.example.com"}) == "node1.example.com");
}

TEST_CASE("the domain of a host name without a dot is that of the hosts file") {
  const std::string hosts =
      "127.0.0.1 localhost\n# 10.0.0.1 node1.no node1\n"
      "10.0.0.2 node1.example.org node1 # ours\n";
  CHECK(host_of({{"erl", "-name", "app"}, {}, "node1", hosts}) == "node1.example.org");
  CHECK(host_of({{"erl", "-name", "app"}, {}, "node2", hosts}).empty());
  CHECK(host_of({{"erl", "-name", "app"}, {}, "node1", "10.0.0.2 node1\n"}).empty());
}

TEST_CASE("a host part that is given is taken as it is") {
  const std::string option = GENERATE("-name", "-sname", "--name", "--sname");
  CHECK(host_of({{"erl", "-noinput", option, "app@other"}}) == "other");
  CHECK(host_of({{"erl", option, "app@10.0.0.1"}}) == "10.0.0.1");
}

TEST_CASE("an option without a value names nothing") {
  CHECK(host_of({{"erl", "-name"}}) == "node1");
  CHECK(host_of({{"erl", "-sname", "app@"}}) == "node1");
}

TEST_CASE("a release is told its name by variables") {
  CHECK(host_of({{"bin/app"}, {{"RELEASE_NODE", "app@other"}}}) == "other");
  CHECK(host_of({{"bin/app"}, {{"RELEASE_NODE", "app"}}, "node1.example.com"}) == "node1");
  CHECK(host_of({{"bin/app"}, {{"RELEASE_DISTRIBUTION", "name"}}, "node1.example.com"}) ==
        "node1.example.com");
}

TEST_CASE("RabbitMQ is told its name by variables") {
  CHECK(host_of({{"rabbitmq-server"}, {{"RABBITMQ_NODENAME", "rabbit@mq.local"}}}) == "mq.local");
  CHECK(host_of({{"rabbitmq-server"}, {{"RABBITMQ_USE_LONGNAME", "true"}}, "mq.example.com"}) ==
        "mq.example.com");
  CHECK(host_of({{"rabbitmq-server"}, {{"RABBITMQ_USE_LONGNAME", "false"}}, "mq.example.com"}) ==
        "mq");
}

TEST_CASE("what the command is told comes before what the environment has") {
  CHECK(host_of({{"erl", "-sname", "app@a"}, {{"RELEASE_NODE", "app@b"}}}) == "a");
}

TEST_CASE("a short name with a dot in its host part is one that Erlang refuses") {
  const auto is_refused = [](const Words& words) {
    return doctor::has_dotted_short_name({words, nullptr, "node1", ""});
  };
  CHECK(is_refused({"erl", "-sname", "app@node1.lan"}));
  CHECK(is_refused({"elixir", "--sname", "app@10.0.0.1"}));
  CHECK_FALSE(is_refused({"erl", "-sname", "app@node1"}));
  CHECK_FALSE(is_refused({"erl", "-sname", "app@fd00::1"}));
  CHECK_FALSE(is_refused({"erl", "-sname", "app"}));
  CHECK_FALSE(is_refused({"erl", "-name", "app@node1.lan"}));
  CHECK_FALSE(is_refused({"elixir", "--name", "app@node1.lan"}));
  CHECK_FALSE(is_refused({"bin/app", "start"}));
}
