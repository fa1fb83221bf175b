#include "push/look.h"

#include <utility>
#include <vector>

namespace push {

dist::Rpc::Call whom_it_has() {
  std::string kinds;
  dist::put_list(kinds, 1);
  dist::put_atom(kinds, "connected");
  dist::put_nil(kinds);
  return {"erlang", "nodes", {std::move(kinds)}};
}

std::set<std::string> peers_in(const std::string& term) {
  const std::string ours = '@' + std::string(probe::DistConnection::own_host_part);
  const std::vector<std::string> names = dist::TermReader(term).atoms();
  std::set<std::string> peers(names.begin(), names.end());
  std::erase_if(peers, [&](const std::string& name) { return name.ends_with(ours); });
  return peers;
}

void Look::take(const discovery::Report& report) {
  if (other_) other_->take(report);
}

void Look::begin(probe::DistConnection& connection) {
  if (other_ && other_->is_wanted()) {
    is_other_busy_ = true;
    other_->begin(connection);
  }
  if (!std::exchange(is_asking_, true)) connection.call(which_call, whom_it_has());
}

bool Look::take_answer(probe::DistConnection& connection, uint32_t call, const std::string& term) {
  if (call == which_call) {
    is_asking_ = false;
    links_.note(local_, peers_in(term), loop_.now());
  } else {
    is_other_busy_ = other_ && other_->take_answer(connection, call, term);
  }
  return is_asking_ || is_other_busy_;
}

void Look::on_lost() {
  is_asking_ = false;
  is_other_busy_ = false;
  if (other_) other_->on_lost();
}

outputs::Json Look::progress() const { return other_ ? other_->progress() : outputs::Json(); }

void Look::resume(const outputs::Json& progress) {
  if (other_) other_->resume(progress);
}

}  // namespace push
