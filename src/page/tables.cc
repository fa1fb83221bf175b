#include "page/tables.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "epmd/alive_name.h"
#include "page/html.h"
#include "page/natural_order.h"
#include "page/nobody.h"
#include "status/words.h"

namespace page {
namespace {

/// The first rows of all that there are.
template <typename Sorted, typename Row>
std::string rows_of(const Sorted& sorted, Row row) {
  std::string rows;
  for (size_t i = 0; i < std::min(sorted.size(), rows_max); ++i) rows += row(*sorted[i]);
  return rows;
}

/// Pointers to the elements, by their names in natural order.
template <typename Container, typename Name>
auto sorted(const Container& container, Name name) {
  std::vector<const typename Container::value_type*> elements;
  elements.reserve(container.size());
  for (const auto& each : container) elements.push_back(&each);
  std::stable_sort(elements.begin(), elements.end(), [&name](const auto* one, const auto* other) {
    return comes_before(name(*one), name(*other));
  });
  return elements;
}

std::string state_of(const discovery::Member& member) {
  if (member.rounds_missing > 0)
    return fmt::format("<span class=\"bad\">missing for {}</span>",
                       counted(member.rounds_missing, "round"));
  return member.seen.is_verified
             ? "<span class=\"good\">connectable</span>"
             : "<span class=\"unsure\">a guess: it did not tell its name</span>";
}

using NamedMember = std::map<std::string, status::Store::Member>::value_type;

/// Those in trouble first.
int rank_of(const NamedMember& each) {
  const discovery::Member& member = each.second.member;
  return member.rounds_missing > 0 ? 0 : member.seen.is_verified ? 2 : 1;
}

std::string member_row(const NamedMember& each) {
  std::string queries;
  for (const std::string& query : each.second.member.seen.queries)
    queries += (queries.empty() ? "" : ", ") + escape_html(query);
  return fmt::format(
      "<tr data-key=\"{0}\"><td>{0}</td><td class=\"address\">{1}</td><td>{2}</td><td>{3}</td>"
      "<td class=\"number\">{4}</td></tr>",
      escape_html(each.first), at(each.second.member.seen.node), queries,
      state_of(each.second.member), time_of(each.second.since));
}

std::string non_member_row(const discovery::NonMember& non_member) {
  return fmt::format(
      "<tr data-key=\"{0} {1}\"><td>{0}</td><td class=\"address\">{1}</td><td>{2}</td>"
      "<td class=\"bad\">{3}</td></tr>",
      escape_html(epmd::escape_name(non_member.name)), at(non_member.node),
      escape_html(non_member.query), escape_html(non_member.why));
}

std::string name_row(const epmd::Entry& entry) {
  return fmt::format(
      "<tr data-key=\"{0} {2}\"><td>{0}</td><td class=\"number\">{1}</td>"
      "<td class=\"number\">{2}</td><td>{3}</td></tr>",
      escape_html(epmd::escape_name(entry.node.alive_name)), entry.node.port_no, entry.creation,
      epmd::type_name(entry.node));
}

/// What is wrong at an endpoint behind a query.
std::string trouble_at(const status::Store& store, const discovery::Endpoint& endpoint) {
  const auto found = store.epmds().find(endpoint);
  const auto why = found == store.epmds().end() ? "" : status::why_no_epmd(found->second);
  return why.empty() ? "" : fmt::format(" <span class=\"bad\">({})</span>", why);
}

std::string query_row(const status::Store& store, const std::string& text,
                      const discovery::Resolution& found) {
  std::string epmds;
  for (const discovery::Endpoint& each : found.endpoints)
    epmds += (epmds.empty() ? "" : ", ") + at(each) + trouble_at(store, each);
  if (!found.is_answer())
    epmds += fmt::format("{}<span class=\"bad\">{}</span>", epmds.empty() ? "" : "; ",
                         escape_html(found.why));
  return fmt::format("<tr data-key=\"{0}\"><td>{0}</td><td>{1}</td></tr>", escape_html(text),
                     epmds.empty() ? "no address" : epmds);
}

}  // namespace

std::string members_table(const status::Store& store) {
  auto members = sorted(store.members(), [](const NamedMember& each) { return each.first; });
  std::stable_sort(members.begin(), members.end(), [](const auto* one, const auto* other) {
    return rank_of(*one) < rank_of(*other);
  });
  return section_of({"members", "Members",
                     "<th>Node</th><th>Address</th><th>Found behind</th><th>State</th>"
                     "<th>Since (UTC)</th>",
                     rows_of(members, member_row), members.size(), why_nobody(store)});
}

std::string non_members_table(const status::Store& store) {
  const auto non_members = sorted(store.non_members(), [](const auto& each) { return each.name; });
  return section_of(
      {"non-members", "Non-members",
       "<th>Node</th><th>Address</th><th>Found behind</th>"
       "<th>Why, and what to do</th>",
       rows_of(non_members, non_member_row), non_members.size(),
       store.members().empty() ? "None was found." : "All that were found can be connected to."});
}

std::string held_back_table(const status::Store& store) {
  std::string rows;
  size_t count = 0;
  for (const discovery::LocalNode& local : store.locals())
    if (!local.held_back.empty() && ++count <= rows_max)
      rows += fmt::format("<tr data-key=\"{0}\"><td>{0}</td><td class=\"bad\">{1}</td></tr>",
                          escape_html(local.name.to_string()), escape_html(local.held_back));
  return section_of({"held-back", "Held back", "<th>Node here</th><th>Why, and what to do</th>",
                     rows, count, "No node of this host is held back."});
}

std::string names_table(const epmd::Registry& registry) {
  const auto names =
      sorted(registry.alive(), [](const auto& each) { return each.node.alive_name; });
  return section_of({"names", "Registered here",
                     "<th>Name</th><th>Port</th><th>Creation</th><th>Type</th>",
                     rows_of(names, name_row), names.size(), "No node is registered here."});
}

std::string queries_table(const status::Store& store) {
  std::string rows;
  for (const auto& [text, found] : store.queries()) rows += query_row(store, text, found);
  return section_of({"queries", "Looked for", "<th>Query</th><th>EPMDs behind it</th>", rows,
                     store.queries().size(),
                     "Nothing. <code>--discover QUERY</code> turns discovery on."});
}

}  // namespace page
