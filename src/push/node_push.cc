#include "push/node_push.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "logging/log.h"
#include "push/connect_push.h"
#include "push/look.h"
#include "push/message_push.h"

namespace push {

void NodePush::tell(const discovery::Report& report) {
  reregistration_.tell(report);
  links_.keep(report.sightings.locals);
  const auto trusted = registrants_.without_others(report.sightings);
  note_left_alone(report.sightings);
  push({report.members, report.changes, trusted ? *trusted : report.sightings, report.took,
        report.is_same && !trusted});
}

/// Those that are gone go first, with what was under way to them.
void NodePush::push(const discovery::Report& report) {
  std::map<Incarnation, std::unique_ptr<Pusher>> pushers;
  for (const discovery::LocalNode& local : report.sightings.locals) {
    if (dist::flags::is_hidden(local.flags)) continue;
    const Incarnation life = local.incarnation();
    const auto known = pushers_.find(life);
    pushers[life] = known == pushers_.end() ? make_pusher(local) : std::move(known->second);
  }
  pushers_ = std::move(pushers);
  if (loop_.now() >= progress_ends_) progress_.clear();
  forget_those_gone(report);
  for (const discovery::LocalNode& local : report.sightings.locals) {
    const auto pusher = pushers_.find(local.incarnation());
    if (pusher == pushers_.end()) continue;
    if (!report.is_same) links_.expect(local, expected_of(local, report));
    if (local.held_back.empty()) {
      note_released(local);
      pusher->second->tell(report);
    } else {
      note_held(local);
      links_.note_unknown(local, "it is held back: " + local.held_back);
      pusher->second->hold();
    }
  }
}

void NodePush::note_held(const discovery::LocalNode& local) {
  if (local.is_doubted) return;  // it passes, or the next reason says more
  const std::string name = local.name.to_string();
  Held& held = held_[name];
  if (held.why != local.held_back) held = {local.held_back, loop_.now()};
  if (held.is_told || loop_.now() - held.since < held_tell_after) return;
  held.is_told = true;
  logging::warn("held_back", "{} is held back, and connects to nobody: {}",
                logging::field("node", name), logging::field("reason", local.held_back));
}

void NodePush::note_released(const discovery::LocalNode& local) {
  const auto held = held_.extract(local.name.to_string());
  if (held && held.mapped().is_told)
    logging::info("released", "{} is held back no more",
                  logging::field("node", local.name.to_string()));
}

void NodePush::forget_those_gone(const discovery::Report& report) {
  std::set<CookieChecks::Incarnation> present;
  for (const auto& [name, member] : report.members) present.emplace(name, member.seen.creation);
  for (const discovery::LocalNode& local : report.sightings.locals)
    present.emplace(local.name.to_string(), local.creation);
  checks_.keep(present);
  std::erase_if(held_, [&](const auto& each) {
    const auto is_it = [&](const auto& local) { return local.name.to_string() == each.first; };
    const auto& locals = report.sightings.locals;
    return std::none_of(locals.begin(), locals.end(), is_it);
  });
}

void NodePush::note_left_alone(const discovery::Sightings& sightings) {
  for (const discovery::LocalNode& local : sightings.locals)
    if (const std::string why = registrants_.why_left_alone(local); !why.empty())
      links_.note_unknown(local, why);
}

/// Who connects nodes asks them whom they have anyway.
std::unique_ptr<PushTask> NodePush::make_task(const discovery::LocalNode& local) {
  if (settings_.what == What::connect)
    return std::make_unique<ConnectPush>(loop_, peer_checks_, checks_, links_, local, metrics_);
  std::unique_ptr<PushTask> task;
  if (settings_.what == What::message)
    task = std::make_unique<MessagePush>(local, settings_.registered_name, metrics_);
  if (!settings_.looks) return task;
  return std::make_unique<Look>(loop_, links_, local, std::move(task));
}

std::unique_ptr<Pusher> NodePush::make_pusher(const discovery::LocalNode& local) {
  std::unique_ptr<PushTask> task = make_task(local);
  task->on_progress([this] { note_progress(); });
  resume_task(*task, local.incarnation());
  return std::make_unique<Pusher>(
      loop_, checks_, local, settings_.tls, std::move(task), metrics_,
      [this, local](const std::string& why) { links_.note_unknown(local, why); });
}

std::string NodePush::key_of(const Incarnation& life) {
  const auto& [name, creation, port_no] = life;
  return fmt::format("{} {} {}", name, creation, port_no);
}

outputs::Json NodePush::progress() const {
  outputs::Json tasks = progress_;
  for (const auto& [life, pusher] : pushers_) tasks[key_of(life)] = pusher->progress();
  return {{"what", what()}, {"tasks", std::move(tasks)}};
}

void NodePush::resume(const discovery::Members& /*members*/, const outputs::Json& progress) {
  progress_ends_ = loop_.now() + progress_kept_for;
  if (progress.is_null() || progress.at("what") != what()) return;
  progress_ = progress.at("tasks").get<std::map<std::string, outputs::Json>>();
}

void NodePush::resume_task(PushTask& task, const Incarnation& life) try {
  const auto kept = progress_.extract(key_of(life));
  if (kept) task.resume(kept.mapped());
} catch (const outputs::Json::exception&) {
  // Another version's: the node is told all.
}

}  // namespace push
