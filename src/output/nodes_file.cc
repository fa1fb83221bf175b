#include "output/nodes_file.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "output/file.h"
#include "output/member_json.h"

namespace output {

std::string render_nodes(const discovery::Members& members) {
  Json object = {{"members", Json::array()}};
  for (const auto& [name, member] : members) object["members"].push_back(to_json(member.seen));
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void NodesFile::tell(const discovery::Report& report) {
  std::string text = render_nodes(report.members);
  if (text == written_ || (written_.empty() && knows_nothing(report))) return;
  const base::Result<base::Done> done = replace_file(path_, text);
  if (!done && !std::exchange(has_said_, true))
    spdlog::error("--nodes-file: {}; it is tried again after each round", done.error().message);
  if (!done) return;
  has_said_ = false;
  written_ = std::move(text);
}

}  // namespace output
