#include "log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace {

/// One object a line: {"time":…,"level":…,"message":…}.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    spdlog::memory_buf_t time;
    time_.format(message, time);
    const auto level = spdlog::level::to_string_view(message.level);
    nlohmann::ordered_json object;
    object["time"] = std::string(time.data(), time.size());
    object["level"] = std::string(level.data(), level.size());
    object["message"] = std::string(message.payload.data(), message.payload.size());
    const std::string text =
        object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }

 private:
  spdlog::pattern_formatter time_{"%Y-%m-%dT%H:%M:%S.%e%z", spdlog::pattern_time_type::local, ""};
};

}  // namespace

void set_up_log(const LogSettings& settings) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
  if (settings.format == LogSettings::Format::json)
    sink->set_formatter(std::make_unique<JsonFormatter>());
  else
    sink->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  auto logger = std::make_shared<spdlog::logger>("portolan", std::move(sink));
  logger->set_level(spdlog::level::from_str(std::string(settings.level)));
  spdlog::set_default_logger(std::move(logger));
}
