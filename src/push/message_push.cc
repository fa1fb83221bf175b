#include "push/message_push.h"

#include <utility>
#include <vector>

#include "logging/log.h"
#include "outputs/progress.h"

namespace push {
namespace {

using discovery::Change;
using discovery::Sighting;

/// The numbers of the calls.
constexpr uint32_t before_telling = 1;
constexpr uint32_t after_telling = 2;

/// What was and is no more, then what is new.
std::vector<Change> changes_between(const Peers& before, const Peers& after,
                                    const std::vector<Change>& told) {
  std::vector<Change> changes;
  for (const auto& [name, peer] : before) {
    const auto now = after.find(name);
    if (now != after.end() && now->second.creation == peer.creation) continue;
    Change left = {Change::Kind::left, peer, "its name was unregistered here"};
    for (const Change& each : told)
      if (each.kind == Change::Kind::left && each.member.name == peer.name)
        left.reason = each.reason;
    changes.push_back(std::move(left));
  }
  for (const auto& [name, peer] : after) {
    const auto known = before.find(name);
    if (known == before.end() || known->second.creation != peer.creation)
      changes.push_back({Change::Kind::joined, peer, {}});
  }
  return changes;
}

void put_text(std::string& out, std::string_view key, std::string_view text) {
  dist::put_atom(out, key);
  dist::put_binary(out, text);
}

void put_info(std::string& out, const Change& change) {
  const Sighting& peer = change.member;
  const bool has_left = change.kind == Change::Kind::left;
  dist::put_map(out, has_left ? 6 : 5);
  put_text(out, "address", peer.node.ip);
  dist::put_atom(out, "port");
  dist::put_integer(out, peer.node.port_no);
  dist::put_atom(out, "verified");
  dist::put_atom(out, peer.is_verified ? "true" : "false");
  dist::put_atom(out, "creation");
  dist::put_integer(out, peer.creation);
  dist::put_atom(out, "queries");
  dist::put_list(out, peer.queries.size());
  for (const std::string& query : peer.queries) dist::put_binary(out, query);
  dist::put_nil(out);
  if (has_left) put_text(out, "reason", change.reason);
}

}  // namespace

std::string members_message(const Peers& peers) {
  std::string term;
  dist::put_tuple(term, 3);
  dist::put_atom(term, "portolan");
  dist::put_atom(term, "members");
  dist::put_list(term, peers.size());
  for (const auto& [name, peer] : peers) dist::put_atom(term, name);
  dist::put_nil(term);
  return term;
}

std::string change_message(const Change& change) {
  std::string term;
  dist::put_tuple(term, 4);
  dist::put_atom(term, "portolan");
  dist::put_atom(term, change.kind == Change::Kind::joined ? "joined" : "left");
  dist::put_atom(term, change.member.name.to_string());
  put_info(term, change);
  return term;
}

void MessagePush::take(const discovery::Report& report) {
  ledger_.add(changes_between(ledger_.members(), peers_of(local_, report), report.changes));
}

void MessagePush::begin(probe::DistConnection& connection) {
  if (!std::exchange(is_asking_, true)) ask(connection, before_telling);
}

void MessagePush::ask(probe::DistConnection& connection, uint32_t call) const {
  std::string name;
  dist::put_atom(name, registered_name_);
  connection.call(call, {"erlang", "whereis", {std::move(name)}});
}

bool MessagePush::take_answer(probe::DistConnection& connection, uint32_t call,
                              const std::string& term) {
  const bool is_there = dist::TermReader(term).is_at_pid();
  if (call == before_telling && is_there) {
    tell(connection, term);
    if (is_asking_) return true;
  } else if (call == before_telling) {
    note_absence();
  }
  if (term != told_) told_.clear();  // it has ended: whoever comes next hears all
  is_asking_ = false;
  note_progress();
  return false;
}

/// What is sent and not known to have arrived is told anew, as a whole: on_lost().
void MessagePush::tell(probe::DistConnection& connection, const std::string& process) {
  is_absence_noted_ = false;
  if (process != told_) {
    tell_all(connection);
  } else if (ledger_.next()) {
    tell_changes(connection);
  } else {
    is_asking_ = false;
    return;
  }
  told_ = process;
  note_progress();
  ask(connection, after_telling);
}

void MessagePush::tell_all(probe::DistConnection& connection) {
  connection.send(registered_name_, members_message(ledger_.members()));
  ++metrics_.messages;
  ledger_.strike_all();
  logging::info("pushed", "pushed: {} of {} was told {} members",
                logging::field("process", registered_name_),
                logging::field("node", local_.name.to_string()),
                logging::field("members", ledger_.members().size()));
}

void MessagePush::tell_changes(probe::DistConnection& connection) {
  while (const auto change = ledger_.next()) {
    connection.send(registered_name_, change_message(*change));
    ++metrics_.messages;
    ledger_.acknowledge(*change);
  }
}

void MessagePush::note_absence() {
  if (!std::exchange(is_absence_noted_, true))
    logging::info("no_process",
                  "{} has no process registered as {} (yet); it is told who is there as soon as it "
                  "has (--push-to)",
                  logging::field("node", local_.name.to_string()),
                  logging::field("process", registered_name_));
}

void MessagePush::on_lost() {
  if (std::exchange(is_asking_, false)) told_.clear();
}

outputs::Json MessagePush::progress() const {
  return {{"process", outputs::Json::binary({told_.begin(), told_.end()})},
          {"peers", outputs::keep(ledger_.members())},
          {"untold", outputs::keep(ledger_.untold())}};
}

void MessagePush::resume(const outputs::Json& progress) {
  const auto& process = progress.at("process").get_binary();
  ledger_.resume(outputs::kept_sightings(progress.at("peers")),
                 outputs::kept_untold(progress.at("untold")));
  told_.assign(process.begin(), process.end());
}

}  // namespace push
