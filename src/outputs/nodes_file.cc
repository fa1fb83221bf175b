#include "outputs/nodes_file.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "net/file.h"
#include "outputs/file.h"
#include "outputs/member_json.h"

namespace outputs {

namespace {

Json to_json(const discovery::LocalNode& local) {
  return {{"node", local.name.to_string()},
          {"address", local.node.ip},
          {"port", local.node.port_no},
          {"creation", local.creation},
          {"registered", local.is_registered}};
}

std::optional<discovery::LocalNode> local_in(const Json& object) {
  const auto text = [&object](const char* key) {
    return object.is_object() && object.contains(key) && object[key].is_string()
               ? object[key].get<std::string>()
               : std::string();
  };
  const auto number = [&object](const char* key) {
    return object.is_object() && object.contains(key) && object[key].is_number_unsigned()
               ? object[key].get<uint64_t>()
               : uint64_t{0};
  };
  const auto name = dist::parse_node_name(text("node"));
  if (!name || number("port") > UINT16_MAX || number("creation") > UINT32_MAX) return std::nullopt;
  discovery::LocalNode local;
  local.name = *name;
  local.node = {text("address"), static_cast<uint16_t>(number("port"))};
  local.creation = static_cast<uint32_t>(number("creation"));
  local.is_registered = !object.contains("registered") || object["registered"] != false;
  return local;
}

}  // namespace

std::vector<discovery::LocalNode> read_locals(const std::string& path) {
  const auto text = net::read_file(path);
  const Json file = Json::parse(text ? *text : "", nullptr, false);
  std::vector<discovery::LocalNode> locals;
  if (!file.is_object() || !file.contains("local")) return locals;
  for (const Json& each : file["local"])
    if (auto local = local_in(each); local && local->is_registered)
      locals.push_back(std::move(*local));
  return locals;
}

std::string render_nodes(const discovery::Members& members,
                         const std::vector<discovery::LocalNode>& locals) {
  Json object = {{"members", Json::array()}, {"local", Json::array()}};
  for (const auto& [name, member] : members) object["members"].push_back(to_json(member.seen));
  for (const discovery::LocalNode& local : locals) object["local"].push_back(to_json(local));
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void NodesFile::tell(const discovery::Report& report) {
  if (report.is_same && asked_) return;
  std::string text = render_nodes(report.members, report.sightings.locals);
  if (asked_ == text || (!asked_ && !has_written_ && knows_nothing(report))) return;
  asked_ = text;
  keeper_.put([path = path_, text = std::move(text)] { return replace_file(path, text); },
              [this](bool is_written) {
                has_written_ = has_written_ || is_written;
                if (!is_written) asked_.reset();
              });
}

}  // namespace outputs
