#include "outputs/hosts_file.h"

#include <algorithm>
#include <utility>

#include "net/file.h"
#include "outputs/file.h"

namespace outputs {
namespace {

constexpr std::string_view first_mark = "% portolan: the hosts that it has found; do not edit\n";
constexpr std::string_view last_mark = "% portolan: end\n";

/// What stands there of ours: nothing, or from the first mark to the end of the last. A mark at the
/// end of the file is one without its line feed, too.
struct Ours {
  size_t begin = 0;
  size_t end = 0;
};

Ours find_ours(std::string_view text) {
  const std::string ended = std::string(text) + '\n';
  const size_t begin = ended.find(first_mark);
  if (begin == std::string::npos) return {text.size(), text.size()};
  const size_t last = ended.find(last_mark, begin);
  const size_t end =
      last == std::string::npos ? begin + first_mark.size() : last + last_mark.size();
  return {begin, std::min(end, text.size())};
}

std::set<std::string> hosts_of(const discovery::Members& members) {
  std::set<std::string> hosts;
  for (const auto& [name, member] : members) hosts.insert(member.seen.name.host_part);
  return hosts;
}

base::Result<base::Done> write_hosts(const std::string& path, const std::set<std::string>& hosts) {
  const base::Result<std::string> old_text = net::read_file(path);
  if (!old_text) return old_text.error();
  return replace_file(path, render_hosts(*old_text, hosts));
}

}  // namespace

std::string render_hosts(std::string_view old_text, const std::set<std::string>& hosts) {
  const Ours ours = find_ours(old_text);
  std::string text(old_text.substr(0, ours.begin));
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  text += first_mark;
  for (const std::string& host : hosts) text += '\'' + host + "'.\n";
  text += last_mark;
  text += old_text.substr(ours.end);
  return text;
}

void HostsFile::tell(const discovery::Report& report) {
  if (report.is_same && asked_) return;
  std::set<std::string> hosts = hosts_of(report.members);
  if (asked_ ? hosts == *asked_ : knows_nothing(report)) return;
  asked_ = hosts;
  keeper_.put([path = path_, hosts = std::move(hosts)] { return write_hosts(path, hosts); },
              [this](bool is_written) {
                if (!is_written) asked_.reset();
              });
}

}  // namespace outputs
