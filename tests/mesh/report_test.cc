#include "mesh/report.h"

#include "catch.h"
#include "mesh/local_links.h"

using namespace std::chrono_literals;

namespace {

discovery::LocalNode local(const std::string& name, uint32_t creation = 7) {
  return {*dist::parse_node_name(name), {"127.0.0.1", 4000}, creation, dist::flags::published};
}

}  // namespace

TEST_CASE("a report is read as it was written") {
  const mesh::Report report = {{"a@h", 7, {}, {"b@h", "c@h"}, 1200ms, 5, 2},
                               {"b@h", 8, "it is silent"}};
  CHECK(mesh::to_text(report) ==
        R"({"nodes":[{"node":"a@h","creation":7,"expected":5,"connected":2,"peers":["b@h","c@h"],)"
        R"("age_ms":1200},{"node":"b@h","creation":8,"expected":0,"unknown":"it is silent"}]})"
        "\n");
  CHECK(mesh::parse_report(mesh::to_text(report)) == report);
  CHECK(mesh::parse_report(mesh::to_text({})) == mesh::Report{});
}

TEST_CASE("what a stranger has written is no report, or does no harm") {
  for (
      const char* const text :
      {"", "{", "[]", "7", "{}", R"({"nodes":7})", R"({"nodes":[7]})", R"({"nodes":[{}]})",
       R"({"nodes":[{"node":7,"creation":1,"expected":0,"connected":0,"peers":[]}]})",
       R"({"nodes":[{"node":"a@h","creation":1,"expected":0,"connected":0,"age_ms":1,"peers":7}]})",
       R"({"nodes":[{"node":"a@h","creation":1,"expected":0,"connected":0,"age_ms":1,"peers":[{}]}]})"})
    CHECK_FALSE(mesh::parse_report(text));
  const auto report = mesh::parse_report(
      R"({"nodes":[{"node":"no name","creation":1,"expected":0,"connected":0,"unknown":"x"},)"
      R"({"node":"a@h","creation":1,"expected":0,"connected":0,"unknown":"\u001b[2Jred"},)"
      R"({"node":"b@h","creation":1,"expected":0,"connected":0,"unknown":""},)"
      R"({"node":"c@h","creation":1,"expected":0,"connected":0,"age_ms":5,"peers":["d@h","\u001b@h","x"]}]})");
  REQUIRE(report);
  REQUIRE(report->size() == 3);
  CHECK((*report)[0].why_unknown == "[2Jred");
  CHECK((*report)[1].why_unknown == "its daemon does not say why");
  CHECK((*report)[2].peers == std::set<std::string>{"d@h"});
  CHECK_FALSE(mesh::parse_report(std::string(1'000'000, '[')));
}

TEST_CASE("whatever a stranger repeats or nests, it takes no longer than to read it") {
  std::string keys = "{";
  for (int i = 0; i < 300'000; ++i) keys += "\"" + std::to_string(i) + "\":0,";
  const auto begun = std::chrono::steady_clock::now();
  CHECK(mesh::parse_report(keys + "\"nodes\":[]}") == mesh::Report{});
  CHECK_FALSE(mesh::parse_report("{\"nodes\":[" + keys));
  CHECK_FALSE(mesh::parse_report(std::string(4'000'000, '[')));
  CHECK_FALSE(mesh::parse_report("{\"nodes\":" + std::string(2'000'000, '[')));
  CHECK(std::chrono::steady_clock::now() - begun < 60s);  // it took minutes, not tenths
}

TEST_CASE("a number that is none makes no report") {
  for (const char* const number : {"-1", "1e300", "1.5", "true", "\"1\"", "4294967296"})
    CHECK_FALSE(mesh::parse_report(std::string(R"({"nodes":[{"node":"a@h","creation":)") + number +
                                   R"(,"expected":1,"unknown":"x"}]})"));
}

TEST_CASE("a report with too many nodes is a lie, and of too many peers the first count") {
  mesh::Report report(mesh::nodes_max + 1, {"a@h", 1, "x"});
  CHECK_FALSE(mesh::parse_report(mesh::to_text(report)));
  report.pop_back();
  CHECK(mesh::parse_report(mesh::to_text(report)));
  mesh::NodeLinks links = {"a@h", 1};
  for (size_t i = 0; i < mesh::peers_max; ++i) links.peers.insert("n" + std::to_string(i) + "@h");
  const auto cut = mesh::parse_report(mesh::to_text({links, {"b@h", 1, {}, {"c@h"}, 1ms}}));
  REQUIRE(cut);
  CHECK((*cut)[0].peers.size() == mesh::peers_max);
  CHECK((*cut)[1].peers.empty());
}

TEST_CASE("what a node has said is known as long as this life of it is here") {
  mesh::LocalLinks links;
  links.note(local("a@h"), {"b@h"}, 1s);  // it is not here
  CHECK(links.report(1s).empty());
  links.keep({local("a@h")});
  CHECK(links.report(1s) == mesh::Report{{"a@h", 7, "it has not been asked yet"}});
  links.note(local("a@h"), {"b@h"}, 1s);
  CHECK(links.report(3s) == mesh::Report{{"a@h", 7, {}, {"b@h"}, 2s}});
  links.keep({local("a@h")});
  CHECK(links.report(3s).front().peers.size() == 1);
  links.note_unknown(local("a@h"), "it is silent");
  CHECK(links.report(3s) == mesh::Report{{"a@h", 7, "it is silent"}});
  links.keep({local("a@h", 8)});
  CHECK(links.report(3s).front().why_unknown == "it has not been asked yet");
}

TEST_CASE("whom a node has no more is told, once") {
  std::vector<std::string> lost;
  mesh::LocalLinks links;
  links.on_lost([&](const std::string& node) { lost.push_back(node); });
  links.keep({local("a@h")});
  links.note(local("a@h"), {"b@h", "c@h"}, 1s);
  CHECK(lost.empty());
  links.note(local("a@h"), {"c@h", "d@h"}, 2s);
  links.note(local("a@h"), {"c@h", "d@h"}, 3s);
  CHECK(lost == std::vector<std::string>{"b@h"});
  links.note_unknown(local("a@h"), "it is silent");
  links.note(local("a@h"), {}, 4s);
  CHECK(lost.size() == 1);
}

TEST_CASE("a node has joined when it has so many members, or all that are there") {
  mesh::LocalLinks links;
  links.keep({local("a@h")});
  const auto why = [&](size_t members_min) {
    return mesh::why_not_joined(links.report(1s), members_min);
  };
  CHECK(why(1) == "it is not known whom a@h has: it has not been asked yet");
  links.note(local("a@h"), {"elsewhere@h"}, 1s);
  CHECK(why(1).empty());  // nobody is there
  links.expect(local("a@h"), {"b@h", "c@h", "d@h"});
  CHECK(why(2) == "a@h is connected to 0 of the 3 members that are there");
  links.note(local("a@h"), {"b@h", "c@h", "elsewhere@h"}, 1s);
  CHECK(why(2).empty());
  CHECK(why(3) == "a@h is connected to 2 of the 3 members that are there");
  CHECK(why(100) == why(3));
  links.note(local("a@h"), {"b@h", "c@h", "d@h"}, 1s);
  CHECK(why(100).empty());
  links.keep({local("a@h"), local("z@h")});
  CHECK(why(1).find("z@h") != std::string::npos);
  links.keep({});
  CHECK(why(1) == "no node is registered here that has told its name");
}

TEST_CASE("a registered node that has not told its name has not joined") {
  mesh::LocalLinks links;
  mesh::LocalLinks::Registered registered = {{{"a", 4000, 1}, true}};
  links.ask_registered([&] { return registered; });
  const auto why = [&] { return mesh::why_not_joined(links.report(1s), 1); };
  CHECK(why() == "it is not known whom a has: it has not told its name yet");
  discovery::LocalNode node = local("a@h");
  node.registration = 1;
  links.keep({node});
  links.note(node, {}, 1s);
  CHECK(why().empty());
  registered[{"b", 4001, 2}] = true;
  CHECK(links.report(1s).back() == mesh::NodeLinks{"b", 2, "it has not told its name yet"});
  CHECK(why() == "it is not known whom b has: it has not told its name yet");
  registered[{"b", 4001, 2}] = false;
  CHECK(why().empty());
  registered[{"no node's name", 4002, 3}] = true;
  CHECK(why().empty());
}

TEST_CASE("a node that is gone, or is another one now, has not joined") {
  mesh::LocalLinks links;
  mesh::LocalLinks::Registered registered = {{{"a", 4000, 1}, true}};
  links.ask_registered([&] { return registered; });
  discovery::LocalNode node = local("a@h");
  node.registration = 1;
  links.keep({node});
  links.note(node, {"b@h"}, 1s);
  registered = {{{"a", 4000, 2}, true}};
  CHECK(links.report(1s) == mesh::Report{{"a", 2, "it has not told its name yet"}});
  node.registration = 2;  // it has registered again, as nodes do with a new EPMD
  links.keep({node});
  CHECK(links.report(1s).front().peers.size() == 1);
  registered.clear();
  CHECK(mesh::why_not_joined(links.report(1s), 1) ==
        "no node is registered here that has told its name");
  node.is_registered = false;
  links.keep({node});
  CHECK(links.report(1s).size() == 1);
}

TEST_CASE("a hidden node is not missed, whatever it has registered as") {
  mesh::LocalLinks links;
  links.ask_registered([] { return mesh::LocalLinks::Registered{{{"a", 4000, 1}, true}}; });
  discovery::LocalNode hidden = local("a@h");
  hidden.flags = 0;
  hidden.registration = 1;
  links.keep({hidden});
  CHECK(links.report(1s).empty());
}

TEST_CASE("a stranger's report may have alive names of those that are not known yet") {
  const mesh::Report report = {{"a", 7, "it has not told its name yet"}};
  CHECK(mesh::parse_report(mesh::to_text(report)) == report);
  CHECK(mesh::parse_report(R"({"nodes":[{"node":"a","creation":1,"expected":0,"connected":0,)"
                           R"("peers":[],"age_ms":1}]})") == mesh::Report{});
}

TEST_CASE("hidden nodes have no connections that anybody misses") {
  mesh::LocalLinks links;
  discovery::LocalNode hidden = local("a@h");
  hidden.flags = 0;
  links.keep({hidden});
  CHECK(links.report(1s).empty());
}

TEST_CASE("the revision changes with what is said, not with its age") {
  mesh::LocalLinks links;
  links.keep({local("a@h")});
  links.note(local("a@h"), {"b@h"}, 1s);
  const uint64_t revision = links.revision();
  links.note(local("a@h"), {"b@h"}, 2s);
  links.keep({local("a@h")});
  CHECK(links.revision() == revision);
  links.note(local("a@h"), {}, 3s);
  CHECK(links.revision() != revision);
}
