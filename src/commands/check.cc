#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "commands/commands.h"
#include "doctor/diagnosis.h"
#include "doctor/node_probe.h"
#include "epmd/alive_name.h"
#include "epmd/message.h"
#include "mesh/report.h"
#include "outputs/member_json.h"
#include "probe/mesh_question.h"
#include "process/age.h"
#include "terminal/ask.h"
#include "terminal/print.h"
#include "tls/client.h"

namespace commands {
namespace {

/// What was found last: the first thing that is wrong, or that all is well.
struct Health {
  doctor::CheckResult result = {};
  outputs::Json epmd = nullptr;   // where it is, if it was asked
  outputs::Json names = nullptr;  // how many
  outputs::Json node = nullptr;
  outputs::Json port = nullptr;
};

/// All that is said of a node begins with its name.
doctor::CheckResult about(const std::string& name, doctor::CheckResult result) {
  result.found = fmt::format("'{}': {}", epmd::escape_name(name), result.found);
  return result;
}

doctor::CheckResult check_node(const options::Check& check, uint16_t port_no,
                               doctor::PortSource source, net::BlockingClient::Deadline deadline,
                               Health& health) {
  health.port = port_no;
  std::optional<tls::Client> tls;
  if (check.tls) tls.emplace(*check.tls);
  const doctor::NodeProbe visit =
      doctor::visit_local_node(port_no, deadline, tls ? &*tls : nullptr);
  const bool is_identified =
      visit.identification.outcome == discovery::Identification::Outcome::identified;
  const std::string told = is_identified ? visit.identification.challenge.node_name : "";
  if (is_identified) health.node = told;
  const std::string& asked = check.name.empty() ? told : check.name;
  doctor::CheckResult result = doctor::judge_visit(asked, visit, source);
  return asked.empty() ? result : about(asked, std::move(result));
}

doctor::CheckResult check_listed(const options::Check& check, const std::string& epmd,
                                 const std::vector<epmd::ListedName>& names,
                                 net::BlockingClient::Deadline deadline, Health& health) {
  const std::string alive_name = check.name.substr(0, check.name.find('@'));
  doctor::CheckResult listing = doctor::judge_listing(epmd, alive_name, names);
  if (listing.has_failed()) return listing;
  const auto listed = std::find_if(names.begin(), names.end(),
                                   [&](const auto& each) { return each.alive_name == alive_name; });
  return check_node(check, listed->port_no, doctor::PortSource::epmd, deadline, health);
}

/// The daemon knows it of all its nodes.
doctor::CheckResult check_joined(const options::Check& check, const doctor::CheckResult& before) {
  auto client = terminal::connect_to({.port = check.port}, terminal::deadline_of(check.asking));
  const auto answer = client ? terminal::ask(*client, epmd::encode_request(epmd::Opcode::mesh_req),
                                             probe::mesh_answer_bytes_max)
                             : base::Result<std::string>(client.error());
  auto report = answer ? mesh::parse_report(*answer) : std::nullopt;
  if (!report)
    return doctor::failed("the EPMD does not tell whom its nodes have", {},
                          "give the daemon --ready-min, --mesh or --push connect, and --discover");
  const std::string alive_name = check.name.substr(0, check.name.find('@'));
  if (!alive_name.empty())
    std::erase_if(*report, [&](const mesh::NodeLinks& links) {
      return links.node.substr(0, links.node.find('@')) != alive_name;
    });
  const std::string why = mesh::why_not_joined(*report, check.members_min);
  if (why.empty()) return doctor::ok(before.found + "; connected to the members");
  return doctor::failed(why, {}, "see `portolan mesh` for all of them");
}

void check_epmd(const options::Check& check, net::BlockingClient::Deadline deadline,
                Health& health) {
  const auto [place, answer] = doctor::ask_local_epmd(check.port, deadline);
  health.epmd = place;
  health.result = doctor::judge_epmd(place, answer, doctor::Side::local);
  if (health.result.has_failed()) return;
  health.names = answer.names.size();
  if (!check.name.empty())
    health.result = check_listed(check, place, answer.names, deadline, health);
}

Health check_health(const options::Check& check) {
  const net::BlockingClient::Deadline deadline = terminal::deadline_of(check.asking);
  Health health;
  if (check.dist_port_no)
    health.result =
        check_node(check, *check.dist_port_no, doctor::PortSource::user, deadline, health);
  else
    check_epmd(check, deadline, health);
  if (!health.result.has_failed() && check.members_min > 0)
    health.result = check_joined(check, health.result);
  return health;
}

std::string to_json(const options::Check& check, const Health& health) {
  outputs::Json object = {
      {"healthy", !health.result.has_failed()}, {"epmd", health.epmd}, {"names", health.names}};
  if (!check.name.empty()) object["name"] = check.name;
  if (!check.name.empty() || check.dist_port_no) {
    object["node"] = health.node;
    object["port"] = health.port;
  }
  object["found"] = health.result.found;
  if (health.result.has_failed()) {
    object["remedy"] = health.result.remedy;
    object["error"] = health.result.found + "; " + health.result.remedy;
    object["reason"] = "not_healthy";
  }
  return outputs::one_line(object) + '\n';
}

/// An engine starts a process for each check, which costs far more than the check. So while the
/// container is young the checks may come fast, and later each of them lasts.
void hold_back(std::chrono::milliseconds hold) {
  constexpr pid_t first_process = 1;
  const auto age = process::age_of(first_process);
  if (!age || *age > hold) std::this_thread::sleep_for(hold);
}

}  // namespace

int check(const options::Check& check) {
  hold_back(check.hold);
  const Health health = check_health(check);
  const doctor::CheckResult& result = health.result;
  const bool is_json = check.asking.output == options::Output::json;
  std::string text;
  if (is_json)
    text = to_json(check, health);
  else if (!result.has_failed())
    text = result.found + '\n';
  const bool is_printed = terminal::print(text);
  if (result.has_failed()) return terminal::fail("check", result.found + "; " + result.remedy);
  return terminal::finish("check", is_printed);
}

}  // namespace commands
