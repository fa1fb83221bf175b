// What discovery reads of what the server before it has told: whatever it is, it is read as members
// and progress or as nothing, each output goes on and comes to an end with telling, and what it
// writes itself is read the same.

#include <fcntl.h>

#include <memory>
#include <string>
#include <vector>

#include "fuzz/demand.h"
#include "outputs/hook.h"
#include "outputs/printer.h"
#include "push/connect_push.h"
#include "push/message_push.h"
#include "service/discovery_progress.h"

namespace {

using Outputs = std::vector<std::unique_ptr<outputs::Output>>;
using service::DiscoveryProgress;

/// What a node of this host was told, as an output: NodePush begins it only when the node has told
/// its name.
class Task final : public outputs::Output {
 public:
  Task(std::string_view name, std::unique_ptr<push::PushTask> task)
      : name_(name), task_(std::move(task)) {}

  void tell(const discovery::Report& report) override { task_->take(report); }
  std::string_view name() const override { return name_; }
  outputs::Json progress() const override { return task_->progress(); }
  void resume(const discovery::Members& /*members*/, const outputs::Json& progress) override {
    if (!progress.is_null()) task_->resume(progress);
  }

 private:
  std::string_view name_;
  std::unique_ptr<push::PushTask> task_;
};

/// Nobody is asked before a node is connected to.
struct NoAnswer final : discovery::HostChecker, discovery::Prober {
  base::Pending is_resolvable(const std::string&, OnChecked) override { return {}; }
  base::Pending ask_names(const discovery::Endpoint&, discovery::Time, OnNames) override {
    return {};
  }
  base::Pending identify(const discovery::Endpoint&, OnIdentified) override { return {}; }
};

/// What all outputs share.
struct World {
  event::Loop loop = {};
  NoAnswer no_answer = {};
  push::PeerChecks peer_checks{no_answer, no_answer};
  push::CookieChecks cookie_checks{loop, {}, no_answer};
  mesh::LocalLinks links = {};
  push::PushMetrics metrics = {};
  discovery::LocalNode node = {*dist::parse_node_name("n@h")};
};

int nowhere() {
  static const int descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC);
  return descriptor;
}

Outputs resumed(const DiscoveryProgress& progress, outputs::Printer::Form form) {
  static World world;
  Outputs made;
  made.push_back(std::make_unique<outputs::Printer>(form, nowhere()));
  made.push_back(std::make_unique<outputs::Hook>(world.loop, "true"));
  made.push_back(std::make_unique<Task>(
      "message", std::make_unique<push::MessagePush>(world.node, "portolan", world.metrics)));
  made.push_back(std::make_unique<Task>(
      "connect",
      std::make_unique<push::ConnectPush>(world.loop, world.peer_checks, world.cookie_checks,
                                          world.links, world.node, world.metrics)));
  for (const auto& each : made) service::resume(*each, progress);
  return made;
}

/// As a command of --on-change gets it.
void check_members(const discovery::Members& members) {
  for (const auto& [name, member] : members) {
    DEMAND(name == member.seen.name.to_string());
    const auto environment =
        outputs::environment_of({discovery::Change::Kind::joined, member.seen, {}});
    DEMAND(environment.at("PORTOLAN_NODE") == name);
  }
}

/// Of two programs that follow each other the second goes on where the first has ended.
void check_read_again(const DiscoveryProgress& progress, const Outputs& outputs,
                      outputs::Printer::Form form) {
  const std::string bytes = service::to_bytes(progress.members, outputs);
  const DiscoveryProgress again = service::parse_progress(bytes);
  DEMAND(again.members.size() == progress.members.size());
  DEMAND(service::to_bytes(again.members, resumed(again, form)) == bytes);
}

/// What is left to tell is told in one round, and then nothing is left.
void check_telling(const DiscoveryProgress& progress, outputs::Output& printer) {
  std::vector<discovery::Change> changes;
  printer.tell({progress.members, changes, {}});
  DEMAND(printer.progress().empty());
  for (const auto& [name, member] : progress.members)
    changes.push_back({discovery::Change::Kind::left, member.seen, "it was ended"});
  printer.tell({{}, changes, {}});
  DEMAND(printer.progress().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const DiscoveryProgress progress = service::parse_progress(bytes);
  check_members(progress.members);
  for (const auto form : {outputs::Printer::Form::text, outputs::Printer::Form::json}) {
    const Outputs outputs = resumed(progress, form);
    check_read_again(progress, outputs, form);
    check_telling(progress, *outputs.front());
    for (size_t i = 2; i < outputs.size(); ++i) outputs[i]->tell({progress.members, {}, {}});
  }
  return 0;
}
