#include "outputs/printer.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/host_port.h"
#include "logging/log.h"
#include "outputs/member_json.h"

namespace outputs {

using discovery::Change;

std::string to_text(const Change& change) {
  const discovery::Sighting& member = change.member;
  return fmt::format("{} {} {} via {}", change.kind == Change::Kind::joined ? "joined" : "left",
                     member.name.to_string(),
                     base::join_host_port(member.node.ip, member.node.port_no),
                     member.queries.front());
}

/// A line that was begun is ended before anything else is said.
void Printer::tell(const discovery::Report& report) {
  ledger_.add(report.changes);
  if (!write_rest()) return;
  while (const std::optional<Change> change = ledger_.next()) {
    rest_ = line_of(*change);
    const size_t whole = rest_.size();
    const bool is_written = write_rest();
    if (rest_.size() < whole)
      acknowledge(*change);
    else
      rest_.clear();
    if (!is_written) return;
  }
  has_said_ = false;
}

void Printer::acknowledge(const Change& change) {
  ledger_.acknowledge(change);
  note_progress();
}

std::string Printer::line_of(const Change& change) const {
  if (form_ == Form::text) return to_text(change) + '\n';
  return one_line(to_json(change, std::chrono::system_clock::now())) + '\n';
}

/// No line is longer than PIPE_BUF, so that a pipe takes it whole or not at all. On a disk that is
/// nearly full it may come in half.
bool Printer::write_rest() {
  if (rest_.empty()) return true;
  const ssize_t count = writer_.write(rest_);
  if (count < 0)
    say_once(errno == EAGAIN ? "nobody reads it; what is missing follows when somebody does"
                             : std::strerror(errno));
  if (count > 0) rest_.erase(0, static_cast<size_t>(count));
  return rest_.empty();
}

void Printer::say_once(const char* why) {
  if (!std::exchange(has_said_, true))
    logging::warn("cannot_print", "cannot print to standard output: {}",
                  logging::field("reason", why));
}

}  // namespace outputs
