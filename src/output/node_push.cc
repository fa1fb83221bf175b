#include "output/node_push.h"

#include <utility>

#include "output/connect_push.h"
#include "output/message_push.h"

namespace output {

/// Those that are gone go first, with what was under way to them.
void NodePush::tell(const discovery::Report& report) {
  std::map<Life, std::unique_ptr<Pusher>> pushers;
  for (const discovery::LocalNode& local : report.sightings.locals) {
    if (dist::flags::is_hidden(local.flags)) continue;
    const Life life = {local.name.to_string(), local.creation, local.node.port_no};
    const auto known = pushers_.find(life);
    pushers[life] = known == pushers_.end() ? make_pusher(local) : std::move(known->second);
  }
  pushers_ = std::move(pushers);
  forget_those_gone(report);
  readmission_.tell(report);
  for (const auto& [life, pusher] : pushers_) pusher->tell(report);
}

void NodePush::forget_those_gone(const discovery::Report& report) {
  std::set<CookieChecks::Who> present;
  for (const auto& [name, member] : report.members) present.emplace(name, member.seen.creation);
  for (const discovery::LocalNode& local : report.sightings.locals)
    present.emplace(local.name.to_string(), local.creation);
  checks_.keep(present);
}

std::unique_ptr<Pusher> NodePush::make_pusher(const discovery::LocalNode& local) {
  std::unique_ptr<PushTask> task;
  if (settings_.what == What::connect)
    task = std::make_unique<ConnectPush>(loop_, peer_checks_, checks_, local, figures_);
  else
    task = std::make_unique<MessagePush>(local, settings_.registered_name, figures_);
  return std::make_unique<Pusher>(loop_, checks_, local, std::move(task), figures_);
}

}  // namespace output
