#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/host_port.h"
#include "epmd/alive_name.h"
#include "outputs/discovery_log.h"
#include "page/connections.h"
#include "page/html.h"
#include "page/natural_order.h"
#include "page/summary.h"
#include "status/words.h"

namespace page {
namespace {

/// A node, a query or an EPMD, and why it is a problem.
using Problem = Flaw;
using Problems = std::vector<Problem>;

Problems failing_queries(const status::Store& store) {
  Problems problems;
  for (const auto& [text, found] : store.queries())
    if (!found.is_answer())
      problems.push_back({text, found.why});
    else if (found.endpoints.empty())
      problems.push_back({text, fmt::format("it has no address: {}", outputs::no_address_advice)});
  return problems;
}

Problems held_back(const status::Store& store) {
  Problems problems;
  for (const discovery::LocalNode& local : store.locals())
    if (!local.held_back.empty()) problems.push_back({local.name.to_string(), local.held_back});
  return problems;
}

Problems crashes(const status::Store& store) {
  const status::Store::Crashes& crashes = store.crashes();
  if (crashes.count == 0 && crashes.names_lost == 0) return {};
  return {{"this daemon",
           fmt::format("its server crashed, and went on, {}; {} lost; the log has the "
                       "signal",
                       counted(crashes.count, "time"), counted(crashes.names_lost, "name"))}};
}

/// Those that are behind a query.
Problems failing_epmds(const status::Store& store) {
  std::set<discovery::Endpoint> asked;
  for (const auto& [text, found] : store.queries())
    asked.insert(found.endpoints.begin(), found.endpoints.end());
  Problems problems;
  for (const auto& [endpoint, outcome] : store.epmds())
    if (const auto why = status::why_no_epmd(outcome); !why.empty() && asked.contains(endpoint))
      problems.push_back({base::join_host_port(endpoint.ip, endpoint.port_no), std::string(why)});
  return problems;
}

Problems missing_members(const status::Store& store) {
  Problems problems;
  for (const auto& [name, each] : store.members())
    if (each.member.rounds_missing > 0)
      problems.push_back({name, "missing for " + counted(each.member.rounds_missing, "round")});
  return problems;
}

Problems non_members(const status::Store& store) {
  Problems problems;
  for (const discovery::NonMember& each : store.non_members())
    problems.push_back({epmd::escape_name(each.name), each.why});
  return problems;
}

Problems in_order(Problems problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& one, const Problem& other) {
    return comes_before(one.node, other.node);
  });
  return problems;
}

std::string rows_of(const char* kind, const char* section, const Problems& problems) {
  constexpr size_t shown_max = 3;
  std::string rows;
  for (size_t i = 0; i < std::min(problems.size(), shown_max); ++i)
    rows += fmt::format(
        "<tr data-key=\"{0} {1}\"><td>{1}</td><td class=\"kind\">{0}</td>"
        "<td>{2}</td></tr>",
        kind, escape_html(problems[i].node), escape_html(problems[i].what));
  if (problems.size() > shown_max)
    rows += fmt::format(
        "<tr data-key=\"{0}\"><td>{1} more</td><td class=\"kind\">{0}</td>"
        "<td><a href=\"#{2}\">all of them</a></td></tr>",
        kind, problems.size() - shown_max, section);
  return rows;
}

}  // namespace

std::string problems_of(const status::Store& store) {
  const mesh::Picture& mesh = store.mesh();
  const std::string rows = rows_of("cluster", "connections", splits_of(mesh)) +
                           rows_of("query", "queries", in_order(failing_queries(store))) +
                           rows_of("held back", "held-back", in_order(held_back(store))) +
                           rows_of("connections", "connections", missing_of(mesh)) +
                           rows_of("EPMD", "queries", in_order(failing_epmds(store))) +
                           rows_of("member", "members", in_order(missing_members(store))) +
                           rows_of("not a member", "non-members", in_order(non_members(store))) +
                           rows_of("one-sided", "connections", in_order(one_sided_of(mesh))) +
                           rows_of("crash", "names", crashes(store)) +
                           rows_of("not known", "connections", in_order(unknown_of(mesh)));
  return "<section id=\"problems\" data-live>" +
         (rows.empty()
              ? "<p class=\"good\">No problem is known.</p>"
              : "<h2>What is wrong</h2><div class=\"sheet\" tabindex=\"0\" role=\"region\" "
                "aria-label=\"What is wrong\"><table><thead><tr><th>What</th><th>Kind</th>"
                "<th>Why, and what to do</th></tr></thead><tbody>" +
                    rows + "</tbody></table></div>") +
         "</section>\n";
}

}  // namespace page
