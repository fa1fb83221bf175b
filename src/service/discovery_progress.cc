#include "service/discovery_progress.h"

#include <utility>

#include "outputs/progress.h"

namespace service {
namespace {

using outputs::Json;

/// Changes with what is in it.
constexpr unsigned version = 1;

}  // namespace

std::string to_bytes(const discovery::Members& members,
                     const std::vector<std::unique_ptr<outputs::Output>>& outputs) {
  Json told = Json::object();
  for (const auto& output : outputs)
    if (!output->name().empty()) told[std::string(output->name())] = output->progress();
  const Json all = {{"version", version},
                    {"members", outputs::keep(outputs::sightings_of(members))},
                    {"outputs", std::move(told)}};
  std::string bytes;
  Json::to_cbor(all, bytes);
  return bytes;
}

DiscoveryProgress parse_progress(std::string_view bytes) try {
  const Json all = Json::from_cbor(bytes, true, false);
  if (all.is_discarded() || all.at("version") != version) return {};
  return {outputs::kept_members(all.at("members")), all.at("outputs")};
} catch (const Json::exception&) {
  return {};
}

void resume(outputs::Output& output, const DiscoveryProgress& progress) {
  const auto name = std::string(output.name());
  const bool is_there = progress.outputs.is_object() && progress.outputs.contains(name);
  try {
    output.resume(progress.members, is_there ? progress.outputs[name] : Json(nullptr));
  } catch (const Json::exception&) {
    output.resume(progress.members, nullptr);
  }
}

}  // namespace service
