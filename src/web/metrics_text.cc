#include <fmt/core.h>

#include <cmath>

#include "web/metrics.h"

namespace web {

void MetricsText::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void MetricsText::sample(std::string_view suffix, double value, Labels labels) {
  text_ += name_;
  text_ += suffix;
  const char* before = "{";
  for (const auto& [label, text] : labels) {
    text_ += fmt::format("{}{}=\"{}\"", before, label, text);
    before = ",";
  }
  if (labels.size() > 0) text_ += '}';
  const bool is_whole = std::floor(value) == value && std::fabs(value) < 1e15;
  text_ +=
      is_whole ? fmt::format(" {}\n", static_cast<int64_t>(value)) : fmt::format(" {}\n", value);
}

void MetricsText::add(std::string_view name, std::string_view type, std::string_view help,
                      double value) {
  begin(name, type, help);
  sample(value);
}

}  // namespace web
