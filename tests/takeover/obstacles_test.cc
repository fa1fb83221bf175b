#include "takeover/obstacles.h"

#include "catch.h"

using takeover::Holders;
using takeover::ProcessFacts;

namespace {

constexpr uid_t root = 0;

ProcessFacts process(pid_t number, const std::string& program) {
  ProcessFacts facts;
  facts.number = number;
  facts.parent = 1;
  facts.user = 100;
  facts.name = program;
  facts.program = program;
  facts.shares_network = true;
  facts.shares_processes = true;
  return facts;
}

Holders held_by(const std::vector<ProcessFacts>& processes) {
  return holders_among(processes, 0, root);
}

/// The only sentence there is; empty if there are none or more.
std::string only(const std::vector<std::string>& sentences) {
  return sentences.size() == 1 ? sentences.front() : "";
}

bool says(const std::vector<std::string>& sentences, const std::string& part) {
  return only(sentences).find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("nothing stands in the way of an EPMD that runs alone") {
  for (const char* const program : {"epmd", "epmd.otp", "portolan"})
    CHECK(obstacles_to(held_by({process(7, program)})).empty());
}

TEST_CASE("a keeper and its server are one EPMD, whichever is found first") {
  const ProcessFacts keeper = process(7, "portolan");
  ProcessFacts server = process(8, "portolan");
  server.parent = 7;
  ProcessFacts with_child = keeper;
  with_child.children = {8};
  for (const Holders& holders : {held_by({with_child, server}), held_by({server, with_child})}) {
    CHECK(obstacles_to(holders).empty());
    CHECK(holders.old.front().number == 7);
    CHECK(holders.old.back().number == 8);
  }
}

TEST_CASE("two EPMDs that are strangers are not taken over together") {
  CHECK(says(obstacles_to(held_by({process(7, "epmd"), process(8, "epmd")})), "name one of them"));
}

TEST_CASE("what is no EPMD is left alone, also if it is named") {
  CHECK(says(obstacles_to(held_by({process(7, "nginx")})), "neither epmd nor portolan"));
  CHECK(says(obstacles_to(takeover::holders_among({process(7, "nginx")}, 7, root)),
             "neither epmd nor portolan"));
}

TEST_CASE("an EPMD of another container is left alone") {
  ProcessFacts elsewhere = process(7, "epmd");
  SECTION("its network is another") { elsewhere.shares_network = false; }
  SECTION("its processes are") { elsewhere.shares_processes = false; }
  CHECK(says(obstacles_to(held_by({elsewhere})), "another container"));
}

TEST_CASE("an EPMD of another user is for root") {
  const ProcessFacts old = process(7, "epmd");
  CHECK(obstacles_to(takeover::holders_among({old}, 0, old.user)).empty());
  CHECK(says(obstacles_to(takeover::holders_among({old}, 0, old.user + 1)), "is of user 100"));
}

TEST_CASE("of a process that is hidden its sockets are asked for, which tells why not") {
  ProcessFacts hidden = process(7, "");
  hidden.is_hidden = true;
  hidden.shares_network = false;
  CHECK(obstacles_to_looking(held_by({hidden})).empty());
}

TEST_CASE("an EPMD that has started something is left alone") {
  ProcessFacts parent = process(7, "portolan");
  parent.children = {9};
  CHECK(says(obstacles_to(held_by({parent})), "process 9, which would lose its parent"));
}

TEST_CASE("a socket unit has to let go of its socket first") {
  ProcessFacts old = process(7, "epmd");
  old.unit = "epmd.service";
  const Holders holders = held_by({process(1, "systemd"), old});
  CHECK(says(obstacles_to(holders), "--job-mode=ignore-dependencies"));
  CHECK(says(obstacles_to(holders), "epmd.service"));
}

TEST_CASE("whether systemd holds a socket that it has given has to be seen") {
  ProcessFacts old = process(7, "epmd");
  old.unit = "epmd.service";
  old.has_given_sockets = true;
  CHECK(obstacles_to(held_by({old})).empty());
  CHECK(says(obstacles_to(takeover::holders_among({old}, 0, old.user)), "as root"));
}

TEST_CASE("any other holder of the socket would go on to listen") {
  CHECK(
      says(obstacles_to(held_by({process(7, "epmd"), process(9, "sleep")})), "process 9 (sleep)"));
}

TEST_CASE("a socket unit that will be stopped is no obstacle, and other holders are") {
  Holders holders = held_by({process(7, "epmd"), process(1, "systemd")});
  CHECK(says(obstacles_to(holders), "systemctl stop"));
  takeover::forget_service_manager(holders);
  CHECK(obstacles_to(holders).empty());
  holders = held_by({process(7, "epmd"), process(8, "nginx")});
  takeover::forget_service_manager(holders);
  CHECK(says(obstacles_to(holders), "holds the same listening socket"));
}

TEST_CASE("who may start the old EPMD again is told") {
  ProcessFacts old = process(7, "epmd");
  CHECK(notes_on(held_by({old})).empty());
  old.parent = 5;
  old.parent_name = "runsv";
  CHECK(says(notes_on(held_by({old})), "process 5 (runsv)"));
  old.unit = "epmd.service";
  CHECK(says(notes_on(held_by({old})), "systemctl disable --now epmd.service"));
  CHECK(says(notes_on(held_by({old})), "If a node of that service has started it"));
}

TEST_CASE("what is missing to have another process's sockets is said") {
  const ProcessFacts old = process(7, "epmd");
  CHECK(why_not_permitted(old, 101, 0).find("is of user 100") != std::string::npos);
  CHECK(why_not_permitted(old, 100, 1).find("ptrace_scope is 1") != std::string::npos);
  CHECK(why_not_permitted(old, 0, 1).find("CAP_SYS_PTRACE") != std::string::npos);
  CHECK(why_not_permitted(old, 0, 3).find("restart the EPMD") != std::string::npos);
}

TEST_CASE("a limit of descriptors that is too low is told with what is needed") {
  CHECK(takeover::why_too_many(100, 100).empty());
  CHECK(takeover::why_too_many(101, 100).find("101 descriptors") == 0);
}
