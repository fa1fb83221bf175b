#include "outputs/member_json.h"

#include <fmt/core.h>

#include <array>
#include <ctime>

namespace outputs {

Json to_json(const discovery::Sighting& member) {
  Json object = {{"node", member.name.to_string()},
                 {"address", member.node.ip},
                 {"port", member.node.port_no},
                 {"query", member.queries.front()},
                 {"verified", member.is_verified}};
  object["creation"] = member.is_verified ? Json(member.creation) : Json(nullptr);
  return object;
}

Json to_json(const discovery::Change& change, std::chrono::system_clock::time_point when) {
  const bool has_joined = change.kind == discovery::Change::Kind::joined;
  Json object = {{"event", has_joined ? "joined" : "left"}};
  object.update(to_json(change.member));
  if (!has_joined) object["reason"] = change.reason;
  object["time"] = to_text(when);
  return object;
}

std::string to_text(std::chrono::system_clock::time_point when) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts = {};
  gmtime_r(&seconds, &parts);
  std::array<char, sizeof "-2147483648-01-01T00:00:00"> text = {};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return fmt::format("{}.{:03}Z", text.data(), milliseconds % 1000);
}

std::string one_line(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace outputs
