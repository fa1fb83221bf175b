#include "service/discovery_reloader.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>

#include "event/errand.h"
#include "logging/log.h"
#include "outputs/discovery_log.h"
#include "outputs/hook.h"
#include "outputs/hosts_file.h"
#include "outputs/nodes_file.h"
#include "outputs/printer.h"
#include "probe/local_host.h"
#include "push/node_push.h"
#include "service/mesh_watch.h"

namespace service {
namespace {

push::NodePush::What what_to_push(options::Push push) {
  using What = push::NodePush::What;
  if (push == options::Push::connect) return What::connect;
  return push == options::Push::message ? What::message : What::nothing;
}

/// Whether the nodes here are asked whom they have.
bool looks_at_mesh(const options::Serve& serve) {
  return serve.looks_at_mesh || serve.push == options::Push::connect;
}

push::NodePush::Settings push_settings(const options::Serve& serve, const epmd::Registry& registry,
                                       tls::Client* tls) {
  return {what_to_push(serve.push),
          serve.looks_at_mesh,
          serve.push_to,
          serve.cookies,
          serve.nodes_file.empty() ? std::vector<discovery::LocalNode>{}
                                   : outputs::read_locals(serve.nodes_file),
          [&registry](const discovery::LocalNode& node) {
            return probe::registrant(registry, node.name.alive_name, node.node.port_no);
          },
          tls};
}

/// A hidden node is connected to nobody, and what is ignored may be no node.
mesh::LocalLinks::Registered registered(const epmd::Registry& registry,
                                        const discovery::NameFilter& filter) {
  mesh::LocalLinks::Registered names;
  for (const epmd::Entry& entry : registry.alive()) {
    const epmd::Node& node = entry.node;
    names[{node.alive_name, node.port_no, entry.creation}] =
        epmd::type_name(node) != "hidden" && filter.counts(node.alive_name);
  }
  return names;
}

/// The loop does not wait for a disk, unless there can be no thread that does.
outputs::FileKeeper::Runner in_thread(event::Loop& loop) {
  return [&loop](const std::function<void()>& work, const std::function<void()>& on_done) {
    base::Pending errand = event::Errand::start(loop, work, on_done);
    return errand ? std::move(errand) : outputs::run_at_once(work, on_done);
  };
}

/// What is wrong with the options goes to the log: standard error may be a node's terminal.
options::Command parse_again(const std::vector<std::string>& arguments) {
  std::ostringstream said;
  std::streambuf* const before = std::cerr.rdbuf(said.rdbuf());
  options::Command command = options::parse(arguments);
  std::cerr.rdbuf(before);
  std::string why = said.str();
  if (why.ends_with('\n')) why.pop_back();
  if (!why.empty())
    logging::error("reload_failed", "SIGHUP: the options are wrong and stay as they were: {}",
                   logging::field("reason", why));
  return command;
}

using Given = std::map<std::string, std::vector<std::string>>;

bool can_change(const std::string& option) {
  constexpr std::array changing = {"--discover", "--interval",    "--nodes",
                                   "--ignore",   "--nameservers", "--peers"};
  return std::find(changing.begin(), changing.end(), option) != changing.end();
}

/// What is in one of them alone, or differs.
Given differences(const Given& before, const Given& now) {
  Given different;
  for (const auto* const each : {&before, &now})
    for (const auto& [option, values] : *each) {
      const auto one = before.find(option);
      const auto other = now.find(option);
      if (one == before.end() || other == now.end() || one->second != other->second)
        different[option] = values;
    }
  return different;
}

/// Tells the store of each round, and of what the push has done since the last. The telemetry
/// outlives it.
class ToStore final : public outputs::Output {
 public:
  explicit ToStore(Telemetry& telemetry) : telemetry_(telemetry) {}
  void tell(const discovery::Report& report) override {
    telemetry_.store.tell(report);
    const std::tuple seen = {telemetry_.pushes.pairs, telemetry_.pushes.pairs_connected,
                             telemetry_.links.revision()};
    if (std::exchange(seen_, seen) != seen) telemetry_.store.note_change();
  }

 private:
  Telemetry& telemetry_;
  std::tuple<uint64_t, uint64_t, uint64_t> seen_ = {};
};

}  // namespace

DiscoveryService::Outputs DiscoveryReloader::outputs() {
  const options::Serve& serve = serve_;
  using Form = outputs::Printer::Form;
  const Form form = serve.print == options::Print::json ? Form::json : Form::text;
  DiscoveryService::Outputs outputs;
  outputs.push_back(std::make_unique<outputs::DiscoveryLog>());
  if (serve.print != options::Print::none)
    outputs.push_back(std::make_unique<outputs::Printer>(form, STDOUT_FILENO));
  if (!serve.hosts_file.empty())
    outputs.push_back(std::make_unique<outputs::HostsFile>(serve.hosts_file, in_thread(loop_)));
  if (!serve.nodes_file.empty())
    outputs.push_back(std::make_unique<outputs::NodesFile>(serve.nodes_file, in_thread(loop_)));
  if (!serve.on_change.empty())
    outputs.push_back(std::make_unique<outputs::Hook>(loop_, serve.on_change));
  if (!serve.http.empty()) outputs.push_back(std::make_unique<ToStore>(telemetry_));
  return outputs;
}

DiscoveryReloader::DiscoveryReloader(event::Loop& loop, EpmdDaemon& daemon,
                                     const options::Serve& serve, Telemetry& telemetry,
                                     keeper::Notes* notes)
    : loop_(loop),
      daemon_(daemon),
      serve_(serve),
      telemetry_(telemetry),
      notes_(notes),
      on_hangup_(loop, SIGHUP, [this] { reread(); }) {
  const bool is_wanted = !serve_.search.queries.empty();
  if (is_wanted) begin();
  if (!is_wanted && notes_) notes_->clear();
  if (!is_wanted && serve_.push != options::Push::none)
    logging::warn("option_in_vain", "--push has nobody to tell of without --discover QUERY");
}

DiscoveryReloader::~DiscoveryReloader() { detach(); }

void DiscoveryReloader::detach() {
  daemon_.on_names_changed(nullptr);
  daemon_.on_news(nullptr);
  daemon_.answer_mesh(nullptr);
  telemetry_.links.on_lost(nullptr);
  telemetry_.links.ask_registered(nullptr);
  telemetry_.on_look = nullptr;
}

void DiscoveryReloader::begin() {
  telemetry_.store.look_for(serve_.search.queries);
  auto local =
      std::make_unique<probe::LocalHost>(daemon_.registry(), serve_.port, serve_.local_node_ports);
  auto service = DiscoveryService::create(loop_, serve_.search, std::move(local), outputs(),
                                          &telemetry_.probes, notes_);
  telemetry_.state.has_discovery = true;
  telemetry_.state.ready_min = serve_.ready_min;
  telemetry_.state.is_discovery_broken = !service;
  telemetry_.store.note_change();  // not ready until the first round is over
  is_well_ = static_cast<bool>(service);
  if (!is_well_)
    return logging::error("discovery_failed", "no discovery: {}",
                          logging::field("reason", service.error().message));
  discovery_ = std::move(*service);
  if (serve_.push != options::Push::none || looks_at_mesh(serve_))
    discovery_->add(std::make_unique<push::NodePush>(
        loop_, discovery_->hosts(), discovery_->prober(),
        push_settings(serve_, daemon_.registry(), discovery_->tls()), telemetry_.links,
        telemetry_.pushes));
  if (looks_at_mesh(serve_) && !serve_.http.empty()) {
    auto watch = std::make_unique<MeshWatch>(loop_, telemetry_.links, telemetry_.store);
    telemetry_.on_look = [watch = watch.get()] { watch->look(); };
    discovery_->add(std::move(watch));
  }
  telemetry_.links.ask_registered(
      [this] { return registered(daemon_.registry(), serve_.search.filter); });
  if (looks_at_mesh(serve_))
    daemon_.answer_mesh([this] { return mesh::to_text(telemetry_.links.report(loop_.now())); });
  daemon_.on_names_changed([this] { discovery_->tell_news(); });
  daemon_.on_news([this](const std::string& ip) { discovery_->hint(ip); });
  telemetry_.links.on_lost([this](const std::string& node) { discovery_->doubt(node); });
}

/// What the file says now and is not done: once for each time that it is read.
void DiscoveryReloader::tell_what_stays(const Given& now) const {
  std::string names;
  for (const auto& [option, values] : differences(serve_.given, now))
    if (!can_change(option)) names += (names.empty() ? "" : ", ") + option;
  if (!names.empty())
    logging::warn(
        "reload_incomplete",
        "SIGHUP: {} cannot change while the daemon runs, and stays as it was; start it anew",
        logging::field("options", names));
}

/// Only what to search for changes; what the daemon listens on, and where results go, stays.
void DiscoveryReloader::reread() {
  logging::reopen();
  const options::Command command = parse_again(serve_.arguments);
  const options::Serve* serve = std::get_if<options::Serve>(&command);
  if (const auto* const run = std::get_if<options::Run>(&command)) serve = &run->serve;
  telemetry_.state.is_reload_failed = !serve;
  if (!serve) return;
  tell_what_stays(serve->given);
  serve_.search = serve->search;
  const size_t queries = serve_.search.queries.size();
  logging::info("reloaded", "SIGHUP: looking for {} now",
                std::to_string(queries) + (queries == 1 ? " query" : " queries"),
                logging::field("queries", queries));
  if (serve_.search.queries.empty()) {
    detach();
    discovery_.reset();
    if (notes_) notes_->clear();
    telemetry_.state.has_discovery = false;
    telemetry_.state.is_discovery_broken = false;
    telemetry_.store.forget_members();
  } else if (discovery_) {
    telemetry_.store.look_for(serve_.search.queries);
    discovery_->change(serve_.search);
  } else {
    begin();
  }
}

}  // namespace service
