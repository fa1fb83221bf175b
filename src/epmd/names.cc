#include "epmd/names.h"

#include "base/number.h"
#include "base/wire.h"

namespace epmd {
namespace {

constexpr size_t epmd_port_no_bytes = 4;
constexpr std::string_view before_name = "name ";

}  // namespace

std::optional<ListedName> parse_node_info(std::string_view line) {
  constexpr std::string_view before_port = " at port ";
  const size_t name_end = line.rfind(before_port);
  if (!line.starts_with(before_name) || name_end == std::string_view::npos ||
      name_end < before_name.size())
    return std::nullopt;
  const auto port_no = base::parse_number<uint16_t>(line.substr(name_end + before_port.size()));
  if (!port_no) return std::nullopt;
  const std::string_view name = line.substr(before_name.size(), name_end - before_name.size());
  return ListedName{std::string(name), *port_no};
}

bool NamesReader::receive(std::string_view bytes) {
  if (failed_) return false;
  unread_ += bytes;
  std::string_view rest = unread_;
  if (!epmd_port_no_) {
    if (rest.size() < epmd_port_no_bytes) return true;
    epmd_port_no_ = base::WireReader(rest).u32();
    if (*epmd_port_no_ > UINT16_MAX) return fail();  // another protocol's text
    rest.remove_prefix(epmd_port_no_bytes);
  }
  for (size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    if (end > line_bytes_max || !take(rest.substr(0, end))) return fail();
    rest.remove_prefix(end + 1);
  }
  if (rest.size() > line_bytes_max) return fail();
  unread_.erase(0, unread_.size() - rest.size());
  return true;
}

/// Whatever the names hold, the first line begins as a NodeInfo.
bool NamesReader::take(std::string_view line) {
  if (lines_ == lines_max_ || (lines_ == 0 && !line.starts_with(before_name))) return false;
  ++lines_;
  std::optional<ListedName> listed = parse_node_info(line);
  if (!listed)
    ++unreadable_;
  else if (!keep_ || keep_(*listed))
    names_.push_back(std::move(*listed));
  return true;
}

bool NamesReader::fail() {
  failed_ = true;
  unread_.clear();
  return false;
}

}  // namespace epmd
