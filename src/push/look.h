#pragma once

#include <memory>
#include <set>
#include <string>

#include "event/loop.h"
#include "mesh/local_links.h"
#include "push/task.h"

namespace push {

/// Asks one node of this host at each round whom it has, beside what another task tells it.
class Look final : public PushTask {
 public:
  /// The loop and the links outlive it. Null: there is no other task.
  Look(event::Loop& loop, mesh::LocalLinks& links, discovery::LocalNode local,
       std::unique_ptr<PushTask> other)
      : loop_(loop), links_(links), local_(std::move(local)), other_(std::move(other)) {}

  void take(const discovery::Report& report) override;
  bool is_wanted() const override { return true; }
  void begin(probe::DistConnection& connection) override;
  bool take_answer(probe::DistConnection& connection, uint32_t call,
                   const std::string& term) override;
  void on_lost() override;
  outputs::Json progress() const override;
  void resume(const outputs::Json& progress) override;

 private:
  event::Loop& loop_;
  mesh::LocalLinks& links_;
  discovery::LocalNode local_;
  std::unique_ptr<PushTask> other_;
  bool is_asking_ = false;
  bool is_other_busy_ = false;
};

/// Its number; the other calls on the connection have those from 1 on.
inline constexpr uint32_t which_call = 0;
/// The call that asks a node for all the nodes that it is connected to, hidden ones too.
dist::Rpc::Call whom_it_has();
/// Its answer, without our own connections. What is no list of nodes is as an empty one.
std::set<std::string> peers_in(const std::string& term);

}  // namespace push
