#pragma once

#include <string>

#include "outputs/ledger.h"
#include "push/metrics.h"
#include "push/peers.h"
#include "push/task.h"

namespace push {

/// Tells a registered process of one node of this host who joins and leaves:
///   {portolan, members, [Node]}            once, and again when the process is another one
///   {portolan, joined | left, Node, Info}  each change after that
/// Info is a map of address, port, queries, verified, creation, and of one who left, reason. At
/// each round it asks whether the process is there, so that none is missed that starts late, and
/// again after it has told, which shows that all has arrived.
class MessagePush final : public PushTask {
 public:
  /// The metrics outlive it.
  MessagePush(discovery::LocalNode local, std::string registered_name, PushMetrics& metrics)
      : local_(std::move(local)), registered_name_(std::move(registered_name)), metrics_(metrics) {}

  void take(const discovery::Report& report) override;
  bool is_wanted() const override { return true; }
  void begin(probe::DistConnection& connection) override;
  bool take_answer(probe::DistConnection& connection, uint32_t call,
                   const std::string& term) override;
  void on_lost() override;
  outputs::Json progress() const override;
  void resume(const outputs::Json& progress) override;

 private:
  void ask(probe::DistConnection& connection, uint32_t call) const;
  void tell(probe::DistConnection& connection, const std::string& process);
  void tell_all(probe::DistConnection& connection);
  void tell_changes(probe::DistConnection& connection);
  void note_absence();

  discovery::LocalNode local_;
  std::string registered_name_;
  PushMetrics& metrics_;
  outputs::Ledger ledger_ = {};
  /// The pid that has been told; empty: none.
  std::string told_ = {};
  bool is_asking_ = false;
  bool is_absence_noted_ = false;
};

/// What a process is told, as terms.
std::string members_message(const Peers& peers);
std::string change_message(const discovery::Change& change);

}  // namespace push
