#include "web/site.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/host_port.h"
#include "base/number.h"
#include "mesh/describe.h"
#include "page/assets.h"
#include "status/words.h"
#include "web/json.h"

namespace web {
namespace {

using http::Request;
using http::Response;

Response respond(std::string body, std::string content_type, unsigned status = 200) {
  Response response;
  response.status = status;
  response.content_type = std::move(content_type);
  response.body = std::move(body);
  return response;
}

Response respond_json(std::string head) { return respond(std::move(head), "application/json"); }

/// So many further bytes of others' are in between.
void append(Response& response, const http::SharedTexts& texts) {
  response.shared.insert(response.shared.end(), texts.begin(), texts.end());
}

void append(Response& response, const char* text) {
  response.shared.push_back(std::make_shared<const std::string>(text));
}

Response later() {
  Response response;
  response.is_later = true;
  return response;
}

/// Goes through a container that stays as it is meanwhile.
template <typename Container, typename Render>
ListText::Begin each_of(const Container& container, Render render) {
  return [&container, render] {
    return [at = container.begin(), end = container.end(), render]() mutable {
      return at == end ? std::nullopt : std::optional<Json>(render(*at++));
    };
  };
}

Response respond_line(const std::string& line, unsigned status = 200) {
  return respond(line + '\n', "text/plain; charset=utf-8", status);
}

/// Nothing from elsewhere, and nothing that somebody's name could bring along.
constexpr const char* page_policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

ListText::Begin held_back_of(const status::Store& store) {
  return [&store] {
    return [at = store.locals().begin(), end = store.locals().end()]() mutable {
      at = std::find_if(at, end, [](const auto& local) { return !local.held_back.empty(); });
      return at == end ? std::nullopt : std::optional<Json>(held_back_json(*at++));
    };
  };
}

}  // namespace

const Site::Route Site::routes[] = {
    // NOLINT: in the order in which a 404 lists them
    {"/", &Site::page},           {"/healthz", &Site::health},   {"/readyz", &Site::readiness},
    {"/metrics", &Site::metrics}, {"/v1/names", &Site::names},   {"/v1/members", &Site::members},
    {"/v1/mesh", &Site::mesh},    {"/v1/events", &Site::events}, {"/v1/sd", &Site::targets},
    {"/page.css", &Site::style},  {"/page.js", &Site::script},   {"/icon.svg", &Site::icon},
};

Site::Site(const status::Store& store, const epmd::Registry& registry,
           const push::PushMetrics& pushes, const State& state, page::ServerInfo place,
           std::function<std::string()> metrics, std::function<mesh::Report()> links)
    : store_(store),
      registry_(registry),
      pushes_(pushes),
      state_(state),
      place_(std::move(place)),
      metrics_(std::move(metrics)),
      links_(std::move(links)),
      page_(store, registry),
      names_(registry),
      members_(each_of(store.members(), [](const auto& each) { return member_json(each.second); })),
      non_members_(each_of(store.non_members(), non_member_json)),
      held_back_(held_back_of(store)),
      queries_(each_of(store.queries(),
                       [&store](const auto& each) {
                         return query_json(each.first, each.second, store.epmds());
                       })),
      life_(std::to_string(std::chrono::system_clock::now().time_since_epoch().count())) {}

Response Site::answer(const Request& request) {
  const auto* const route =
      std::find_if(std::begin(routes), std::end(routes),
                   [&](const Route& each) { return request.path == each.path; });
  if (route != std::end(routes)) return (this->*route->answer)(request);
  std::string list;
  for (const Route& each : routes) list += (list.empty() ? "" : " ") + std::string(each.path);
  return respond_line("there is nothing here; there is " + list, 404);
}

Response Site::page(const Request& /*request*/) {
  Response response = respond("", "text/html; charset=utf-8");
  response.shared = {page_.text(place_, why_not_ready(), {pushes_.pairs, pushes_.pairs_connected})};
  response.fields = {{"Content-Security-Policy", page_policy}, {"Referrer-Policy", "no-referrer"}};
  return response;
}

Response Site::style(const Request& /*request*/) {
  return respond(std::string(page::page_css), "text/css; charset=utf-8");
}

Response Site::script(const Request& /*request*/) {
  return respond(std::string(page::page_js), "text/javascript; charset=utf-8");
}

Response Site::icon(const Request& /*request*/) {
  return respond(std::string(page::icon_svg), "image/svg+xml");
}

/// That this is answered is the answer: the loop that answers EPMD's requests goes round.
Response Site::health(const Request& /*request*/) { return respond_line("ok"); }

Response Site::readiness(const Request& /*request*/) {
  const std::string why = why_not_ready();
  return why.empty() ? respond_line("ready") : respond_line("not ready: " + why, 503);
}

std::string Site::why_not_ready() const {
  if (state_.is_draining) return "the daemon has been asked to end";
  if (state_.is_discovery_broken) return "discovery could not be started; the log says why";
  if (state_.has_discovery && !store_.rounds().is_over())
    return "the first round of discovery is not over";
  if (state_.has_discovery && state_.ready_min > 0)
    return mesh::why_not_joined(links_(), state_.ready_min);
  return {};
}

Response Site::metrics(const Request& /*request*/) {
  return respond(metrics_(), "text/plain; version=0.0.4; charset=utf-8");
}

void Site::note(const status::Event& happening) {
  if (happening.kind == status::Event::Kind::registered) names_.add(happening.alive_name);
  if (happening.kind == status::Event::Kind::unregistered) names_.remove(happening.alive_name);
}

Response Site::names(const Request& /*request*/) {
  if (!names_.render()) return later();
  Response response =
      respond_json(fmt::format("{{\"epmd_port\":{},\"names\":[", place_.epmd_port_no));
  append(response, names_.texts());
  response.tail = "]}\n";
  return response;
}

bool Site::render_members() {
  const uint64_t revision = store_.revision();
  return members_.render(revision) && non_members_.render(revision) &&
         held_back_.render(revision) && queries_.render(revision);
}

Response Site::members(const Request& /*request*/) {
  if (!render_members()) return later();
  Response response = respond_json("{\"members\":[");
  append(response, members_.texts());
  append(response, "],\"non_members\":[");
  append(response, non_members_.texts());
  append(response, "],\"held_back\":[");
  append(response, held_back_.texts());
  append(response, "],\"queries\":[");
  append(response, queries_.texts());
  response.tail = "],\"round\":" + outputs::one_line(round_json(store_)) + "}\n";
  return response;
}

/// Bounded: a daemon draws no large cluster.
Response Site::mesh(const Request& /*request*/) {
  constexpr size_t pairs_max = 1000;
  Json object = to_json(store_.mesh(), pairs_max);
  object["local"] = to_json(links_())["nodes"];
  return respond_json(outputs::one_line(object) + '\n');
}

/// Those who scrape ask at a few ports. Whoever makes up further ones has each rendered anew.
ListText& Site::targets_at(std::optional<uint16_t> port_no) {
  constexpr size_t ports_max = 8;
  if (targets_.size() >= ports_max && !targets_.contains(port_no)) targets_.clear();
  const auto render = [port_no](const auto& each) {
    return target_json(each.first, each.second, port_no);
  };
  return targets_.try_emplace(port_no, each_of(store_.members(), render)).first->second;
}

Response Site::targets(const Request& request) {
  const auto port = http::http_parameter(request.query, "port");
  const auto port_no = port ? base::parse_port_no(*port) : std::nullopt;
  if (port && !port_no)
    return respond_line("port is to be a number from 1 to 65535: /v1/sd?port=9568", 400);
  ListText& list = targets_at(port_no);
  if (!list.render(store_.revision())) return later();
  Response response = respond_json("[");
  append(response, list.texts());
  response.tail = "]\n";
  return response;
}

/// Server-sent events (WHATWG HTML, 9.2). Who has lost the stream gets what he has missed, or is
/// told to look at everything anew.
Response Site::events(const Request& request) {
  Response response = respond("", "text/event-stream");
  response.is_stream = true;
  response.fields = {{"X-Accel-Buffering", "no"}};
  response.body = "retry: 2000\n\n" + events_since(request.last_event_id);
  return response;
}

std::string Site::events_since(const std::string& last_id) const {
  const auto& happenings = store_.happenings();
  const uint64_t last = happenings.empty() ? 0 : happenings.back().number;
  std::string hello = fmt::format("id: {}-{}\nevent: hello\ndata: {{\"version\":\"{}\"}}\n\n",
                                  life_, last, place_.version);
  const size_t dash = last_id.find('-');
  if (dash == std::string::npos || last_id.substr(0, dash) != life_) return hello;
  const auto number = base::parse_number<uint64_t>(std::string_view(last_id).substr(dash + 1));
  if (!number || *number > last) return hello;
  if (!happenings.empty() && *number + 1 < happenings.front().number) return hello;
  std::string missed;
  for (const status::Event& each : happenings)
    if (each.number > *number) missed += event(each);
  return missed;
}

std::string Site::event(const status::Event& happening) const {
  return fmt::format("id: {}-{}\nevent: {}\ndata: {}\n\n", life_, happening.number,
                     status::name_of(happening.kind), outputs::one_line(to_json(happening)));
}

}  // namespace web
