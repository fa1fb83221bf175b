#include "page/page.h"

#include <fmt/core.h>

#include "base/host_port.h"
#include "epmd/alive_name.h"
#include "page/chart.h"
#include "page/html.h"
#include "outputs/member_json.h"
#include "status/words.h"

namespace page {
namespace {

constexpr size_t rows_max = 500;

std::string time_of(status::Moment moment) {
  const std::string text = outputs::to_text(moment);
  return fmt::format("<time datetime=\"{}\">{} {}</time>", text, text.substr(0, 10),
                     text.substr(11, 8));
}

std::string at(const discovery::Endpoint& endpoint) {
  return escape_html(base::join_host_port(endpoint.ip, endpoint.port_no));
}

/// A table with a heading; `none` is said in place of an empty one.
std::string table(const char* id, const char* heading, size_t count, const char* columns,
                  const std::string& rows, const char* none) {
  const std::string body =
      rows.empty() ? fmt::format("<p>{}</p>", none)
                   : fmt::format("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
                                 columns, rows);
  const std::string cut =
      count > rows_max ? fmt::format("<p>The first {} of {} are shown.</p>", rows_max, count) : "";
  return fmt::format(
      "<section id=\"{0}\" data-live><h2>{1} <small>{2}</small></h2>"
      "<div class=\"sheet\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"{1}\">{3}{4}</div></section>\n",
      id, heading, count, body, cut);
}

std::string state_of(const discovery::Member& member) {
  if (member.rounds_missing > 0)
    return fmt::format("<span class=\"unsure\">missing for {} rounds</span>",
                       member.rounds_missing);
  return member.seen.is_verified
             ? "<span class=\"good\">connectable</span>"
             : "<span class=\"unsure\">a guess: it did not tell its name</span>";
}

std::string members_table(const status::Store& store) {
  std::string rows;
  size_t shown = 0;
  for (const auto& [name, each] : store.members()) {
    if (++shown > rows_max) break;
    std::string queries;
    for (const std::string& query : each.member.seen.queries)
      queries += (queries.empty() ? "" : ", ") + escape_html(query);
    rows += fmt::format(
        "<tr data-key=\"{0}\"><td>{0}</td><td class=\"address\">{1}</td><td>{2}</td><td>{3}</td>"
        "<td class=\"number\">{4}</td></tr>",
        escape_html(name), at(each.member.seen.node), queries, state_of(each.member),
        time_of(each.since));
  }
  return table(
      "members", "Members", store.members().size(),
      "<th>Node</th><th>Address</th><th>Found behind</th><th>State</th><th>Since (UTC)</th>", rows,
      "Nobody has been found yet. <code>--discover QUERY</code> says where to look.");
}

std::string non_members_table(const status::Store& store) {
  std::string rows;
  size_t shown = 0;
  for (const discovery::NonMember& non_member : store.non_members()) {
    if (++shown > rows_max) break;
    const std::string name = escape_html(epmd::escape_name(non_member.name));
    rows += fmt::format(
        "<tr data-key=\"{0} {1}\"><td>{0}</td><td class=\"address\">{1}</td><td>{2}</td>"
        "<td class=\"bad\">{3}</td></tr>",
        name, at(non_member.node), escape_html(non_member.query), escape_html(non_member.why));
  }
  return table("non-members", "Non-members", store.non_members().size(),
               "<th>Node</th><th>Address</th><th>Found behind</th><th>Why, and what to do</th>",
               rows, "All that were found can be connected to.");
}

std::string held_back_table(const status::Store& store) {
  std::string rows;
  size_t count = 0;
  for (const discovery::LocalNode& local : store.locals())
    if (!local.held_back.empty() && ++count <= rows_max)
      rows += fmt::format("<tr data-key=\"{0}\"><td>{0}</td><td class=\"bad\">{1}</td></tr>",
                          escape_html(local.name.to_string()), escape_html(local.held_back));
  return table("held-back", "Held back", count, "<th>Node here</th><th>Why, and what to do</th>",
               rows, "No node of this host is held back.");
}

std::string names_table(const epmd::Registry& registry) {
  std::string rows;
  size_t shown = 0;
  for (const epmd::Entry& entry : registry.alive()) {
    if (++shown > rows_max) break;
    rows += fmt::format(
        "<tr data-key=\"{0} {2}\"><td>{0}</td><td class=\"number\">{1}</td>"
        "<td class=\"number\">{2}</td><td>{3}</td></tr>",
        escape_html(epmd::escape_name(entry.node.alive_name)), entry.node.port_no, entry.creation,
        epmd::type_name(entry.node));
  }
  return table("names", "Registered here", registry.alive().size(),
               "<th>Name</th><th>Port</th><th>Creation</th><th>Type</th>", rows,
               "No node is registered here.");
}

/// What is wrong at an endpoint behind a query.
std::string trouble_at(const status::Store& store, const discovery::Endpoint& endpoint) {
  using Outcome = discovery::NamesAnswer::Outcome;
  const auto found = store.epmds().find(endpoint);
  if (found == store.epmds().end() || found->second == Outcome::listed) return {};
  return fmt::format(" <span class=\"bad\">({})</span>", status::why_no_epmd(found->second));
}

std::string queries_table(const status::Store& store) {
  std::string rows;
  for (const auto& [text, found] : store.queries()) {
    std::string epmds;
    for (const discovery::Endpoint& each : found.endpoints)
      epmds += (epmds.empty() ? "" : ", ") + at(each) + trouble_at(store, each);
    if (!found.is_answer())
      epmds += fmt::format("{}<span class=\"bad\">{}</span>", epmds.empty() ? "" : "; ",
                           escape_html(found.why));
    rows += fmt::format("<tr data-key=\"{0}\"><td>{0}</td><td>{1}</td></tr>", escape_html(text),
                        epmds.empty() ? "no address" : epmds);
  }
  return table("queries", "Looked for", store.queries().size(),
               "<th>Query</th><th>EPMDs behind it</th>", rows,
               "Nothing. <code>--discover QUERY</code> turns discovery on.");
}

std::string describe(const status::Event& happening) {
  using Kind = status::Event::Kind;
  if (happening.kind == Kind::joined || happening.kind == Kind::left) {
    const std::string name = escape_html(happening.change.member.name.to_string());
    return happening.kind == Kind::joined ? name + " at " + at(happening.change.member.node)
                                          : name + ": " + escape_html(happening.change.reason);
  }
  return escape_html(epmd::escape_name(happening.alive_name)) +
         fmt::format(" at port {}", happening.port_no);
}

std::string last_changes(const status::Store& store) {
  constexpr size_t shown_max = 20;
  std::string items;
  size_t shown = 0;
  for (auto each = store.happenings().rbegin(); each != store.happenings().rend(); ++each) {
    if (each->kind == status::Event::Kind::changed) continue;
    if (++shown > shown_max) break;
    items += fmt::format("<li data-key=\"{}\">{}<span class=\"what\">{}</span><span>{}</span></li>",
                         each->number, time_of(each->when), status::name_of(each->kind), describe(*each));
  }
  return fmt::format(
      "<section id=\"changes\" data-live><h2>Last changes <small>UTC</small></h2>"
      "<div class=\"sheet\">{}</div></section>\n",
      items.empty() ? "<p>Nothing has happened yet.</p>" : "<ol>" + items + "</ol>");
}

std::string header(const ServerInfo& place, const std::string& why_not_ready) {
  const std::string state = why_not_ready.empty()
                                ? "<span class=\"pill good\">ready</span>"
                                : fmt::format("<span class=\"pill bad\">not ready: {}</span>",
                                              escape_html(why_not_ready));
  return fmt::format(
      "<header><img src=\"/icon.svg\" alt=\"\" width=\"48\" height=\"48\"><h1>Portolan</h1>"
      "<p>{} · port {} · {}</p><p class=\"pills\"><span id=\"state\" data-live>{}</span>"
      "<span id=\"live\" class=\"pill\" role=\"status\" hidden></span></p></header>\n",
      escape_html(place.host), place.epmd_port_no, escape_html(place.version), state);
}

constexpr const char* legend =
    "<figcaption><span class=\"good\">solid: connectable</span>"
    "<span class=\"unsure\">dashed: a guess, or missing</span>"
    "<span class=\"bad\">dotted: not a member</span></figcaption>";

constexpr const char* footer =
    "<footer>For programs: <a href=\"/healthz\">/healthz</a><a href=\"/readyz\">/readyz</a>"
    "<a href=\"/metrics\">/metrics</a><a href=\"/v1/names\">/v1/names</a>"
    "<a href=\"/v1/members\">/v1/members</a><a href=\"/v1/events\">/v1/events</a>"
    "<a href=\"/v1/sd\">/v1/sd</a></footer>\n";

}  // namespace

void Page::render_parts() {
  if (board_revision_ != store_.revision()) {
    parts_.ways = ways_of(store_);
    parts_.members = members_table(store_);
    parts_.non_members = non_members_table(store_);
    parts_.held_back = held_back_table(store_);
    parts_.queries = queries_table(store_);
  }
  if (registry_revision_ != registry_.revision()) parts_.names = names_table(registry_);
  board_revision_ = store_.revision();
  registry_revision_ = registry_.revision();
}

http::SharedText Page::text(const ServerInfo& place, const std::string& why_not_ready) {
  const uint64_t last = store_.happenings().empty() ? 0 : store_.happenings().back().number;
  const bool is_as_before = board_revision_ == store_.revision() &&
                            registry_revision_ == registry_.revision() && happening_ == last &&
                            why_not_ready_ == why_not_ready;
  if (text_ && is_as_before) return text_;
  render_parts();
  happening_ = last;
  why_not_ready_ = why_not_ready;
  text_ = std::make_shared<const std::string>(
      fmt::format("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                  "<title>Portolan at {}</title><link rel=\"icon\" href=\"/icon.svg\">"
                  "<link rel=\"stylesheet\" href=\"/page.css\"><script src=\"/page.js\" "
                  "defer></script></head>\n"
                  "<body><a class=\"skip\" href=\"#members\">To the members</a>\n{}<main>\n"
                  "<figure class=\"sheet\"><div id=\"chart\" "
                  "data-live>{}</div>{}</figure>\n{}{}{}{}{}{}</main>\n{}"
                  "</body></html>\n",
                  escape_html(place.host), header(place, why_not_ready),
                  picture_of(store_, registry_, place.host, parts_.ways), legend, parts_.members,
                  parts_.non_members, parts_.held_back, parts_.names, parts_.queries,
                  last_changes(store_), footer));
  return text_;
}

}  // namespace page
