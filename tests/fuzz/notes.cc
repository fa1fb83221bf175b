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
#include "push/message_push.h"
#include "service/discovery_progress.h"

namespace {

using Outputs = std::vector<std::unique_ptr<outputs::Output>>;
using service::DiscoveryProgress;

/// A node's messages as an output: NodePush begins them only when the node has told its name.
class Messages final : public outputs::Output {
 public:
  void tell(const discovery::Report& report) override { push_.take(report); }
  std::string_view name() const override { return "push"; }
  outputs::Json progress() const override { return push_.progress(); }
  void resume(const discovery::Members& /*members*/, const outputs::Json& progress) override {
    if (!progress.is_null()) push_.resume(progress);
  }

 private:
  push::PushMetrics metrics_ = {};
  push::MessagePush push_{{}, "portolan", metrics_};
};

int nowhere() {
  static const int descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC);
  return descriptor;
}

Outputs resumed(const DiscoveryProgress& progress, outputs::Printer::Form form) {
  static event::Loop loop;
  Outputs made;
  made.push_back(std::make_unique<outputs::Printer>(form, nowhere()));
  made.push_back(std::make_unique<outputs::Hook>(loop, "true"));
  made.push_back(std::make_unique<Messages>());
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
    outputs.back()->tell({progress.members, {}, {}});
  }
  return 0;
}
