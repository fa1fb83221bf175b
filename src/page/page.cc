#include "page/page.h"

#include <fmt/core.h>

#include "epmd/alive_name.h"
#include "page/chart.h"
#include "page/connections.h"
#include "page/html.h"
#include "page/links.h"
#include "page/tables.h"
#include "status/words.h"

namespace page {
namespace {

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
                         each->number, time_of(each->when), status::name_of(each->kind),
                         describe(*each));
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

/// What the lines mean.
std::string legend(const Harbours& harbours, const mesh::Picture& mesh) {
  if (mesh.expected == 0)
    return "<span class=\"good\">solid: connectable</span>"
           "<span class=\"unsure\">dashed: a guess, or missing</span>"
           "<span class=\"bad\">dotted: not a member</span>";
  std::string text =
      "<span class=\"good\">solid: connected</span>"
      "<span class=\"unsure\">dashed: a guess, missing, or not known</span>"
      "<span class=\"bad\">dotted: not connected</span>";
  if (mesh.is_split())
    text += "<span class=\"bad\">broad: a group that is cut off from the others</span>";
  if (harbours.all.size() > all_links_max)
    text += "<span>among the members only missing connections are drawn</span>";
  return text;
}

std::string figure(const Harbours& harbours, const mesh::Picture& mesh,
                   const std::string& picture) {
  const std::string grouping =
      harbours.grouping.empty() ? "" : fmt::format("<span>{}</span>", harbours.grouping);
  return fmt::format(
      "<figure id=\"figure\" class=\"sheet\" data-live><div id=\"chart\">{}</div>"
      "<figcaption>{}{}</figcaption></figure>\n",
      picture, legend(harbours, mesh), grouping);
}

/// For a script: it shows itself.
constexpr const char* filter =
    "<p id=\"tools\" hidden><label>Filter <input id=\"filter\" type=\"search\" "
    "autocomplete=\"off\" placeholder=\"a name, an address, a query\"></label> "
    "<output id=\"matches\"></output></p>\n";

constexpr const char* footer =
    "<footer>For programs: <a href=\"/healthz\">/healthz</a><a href=\"/readyz\">/readyz</a>"
    "<a href=\"/metrics\">/metrics</a><a href=\"/v1/names\">/v1/names</a>"
    "<a href=\"/v1/members\">/v1/members</a><a href=\"/v1/mesh\">/v1/mesh</a><a "
    "href=\"/v1/events\">/v1/events</a>"
    "<a href=\"/v1/sd\">/v1/sd</a></footer>\n";

}  // namespace

void Page::render_parts() {
  if (store_revision_ != store_.revision()) {
    parts_.harbours = harbours_of(store_);
    parts_.ways = ways_of(parts_.harbours, store_.mesh());
    parts_.problems = problems_of(store_);
    parts_.members = members_table(store_);
    parts_.connections = connections_table(store_.mesh());
    parts_.non_members = non_members_table(store_);
    parts_.held_back = held_back_table(store_);
    parts_.queries = queries_table(store_);
  }
  if (registry_revision_ != registry_.revision()) parts_.names = names_table(registry_);
  store_revision_ = store_.revision();
  registry_revision_ = registry_.revision();
}

bool Page::is_as_before(const Look& look) const {
  return text_ && store_revision_ == store_.revision() &&
         registry_revision_ == registry_.revision() && look_ == look;
}

http::SharedText Page::text(const ServerInfo& place, const std::string& why_not_ready,
                            Pairs pairs) {
  const uint64_t last = store_.happenings().empty() ? 0 : store_.happenings().back().number;
  Look look = {last, why_not_ready, pairs};
  if (is_as_before(look)) return text_;
  render_parts();
  look_ = std::move(look);
  text_ = std::make_shared<const std::string>(render(place));
  return text_;
}

std::string Page::render(const ServerInfo& place) const {
  const size_t nodes = store_.members().size() + store_.non_members().size();
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<title>Portolan at {}</title><link rel=\"icon\" href=\"/icon.svg\">"
      "<link rel=\"stylesheet\" href=\"/page.css\"><script src=\"/page.js\" "
      "defer></script></head>\n"
      "<body><a class=\"skip\" href=\"#members\">To the "
      "members</a>\n{}<main>\n{}{}{}{}{}{}{}{}{}{}{}"
      "</main>\n{}</body></html>\n",
      escape_html(place.host), header(place, look_.why_not_ready),
      summary_of(store_, registry_, look_.pairs), parts_.problems,
      figure(parts_.harbours, store_.mesh(), picture_of(nodes, registry_, place.host, parts_.ways)),
      filter, parts_.members, parts_.connections, parts_.non_members, parts_.held_back,
      parts_.names, parts_.queries, last_changes(store_), footer);
}

}  // namespace page
