#include "logging/log.h"

#include <spdlog/details/null_mutex.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "logging/catch_up.h"
#include "logging/log_file.h"
#include "logging/lossy_lines.h"

namespace logging {
namespace {

/// The members of an object that come after its time and level.
std::string members_of(const Line& line) {
  nlohmann::ordered_json object;
  object["event"] = line.event;
  object["message"] = line.message;
  for (const auto& [name, value] : line.fields.all())
    std::visit([&object, key = name](const auto& each) { object[key] = each; }, value);
  const std::string text =
      object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return text.substr(1, text.size() - 2);
}

/// One object a line: {"time":…,"level":…,"event":…,"message":…}. Its time is written as elsewhere
/// in JSON.
std::unique_ptr<spdlog::formatter> json_formatter() {
  return std::make_unique<spdlog::pattern_formatter>(
      R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
}

/// Standard error or a file, which is never waited for: a line that it does not take now is lost.
class LossySink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit LossySink(Settings::Format format)
      : format_(format), lines_(STDERR_FILENO, [this](uint64_t lost, const std::string& why) {
          return note(lost, why);
        }) {}
  LossySink(const LossySink&) = delete;
  LossySink& operator=(const LossySink&) = delete;
  ~LossySink() override { lines_.catch_up(); }

  /// What the formatter adds the time and level to.
  std::string payload(const Line& line) const {
    return format_ == Settings::Format::json ? members_of(line) : std::string(line.message);
  }
  Settings::Format format() const { return format_; }
  const std::optional<LogFile>& file() const { return file_; }
  void move_to(LogFile file) {
    lines_.catch_up();
    lines_.move_to(file.descriptor());
    file_ = std::move(file);  // closes the old one
  }

  bool catch_up() { return lines_.catch_up(); }
  /// For each line after which there is something to catch up with.
  void on_behind(std::function<void()> on_behind) { on_behind_ = std::move(on_behind); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    lines_.write(formatted(message));
    if (lines_.is_behind() && on_behind_) on_behind_();
  }
  void flush_() override {}

 private:
  std::string formatted(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    return {line.data(), line.size()};
  }
  std::string note(uint64_t lost, const std::string& why) {
    const std::string text = fmt::format("{} log lines were lost, as {} did not take them: {}",
                                         lost, file_ ? file_->path() : "standard error", why);
    const std::string written =
        payload({"log_lines_lost", text, fields_of(field("count", lost), field("reason", why))});
    return formatted({"portolan", spdlog::level::warn, written});
  }

  Settings::Format format_;
  std::optional<LogFile> file_ = {};  // without one: standard error
  LossyLines lines_;
  std::function<void()> on_behind_ = {};
};

/// Where the log goes: to the sink, or to a test.
struct Destination {
  std::shared_ptr<LossySink> sink = {};
  std::shared_ptr<spdlog::logger> logger = {};
  Level least_redirected = Level::off;
  Redirection::Write redirected = {};
};

Destination& destination() {
  static Destination its;
  return its;
}

LossySink* sink_in_use() { return destination().sink.get(); }

spdlog::logger& logger() {
  if (!destination().logger) set_up({});
  return *destination().logger;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::trace: return spdlog::level::trace;
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
    case Level::off: break;
  }
  return spdlog::level::off;
}

}  // namespace

CatchUp::CatchUp(event::Loop& loop) : timer_(loop) {
  LossySink* sink = sink_in_use();
  if (sink == nullptr) return;
  sink->on_behind([this] {
    if (!timer_.is_running()) timer_.start(wait, [this] { catch_up(); });
  });
}

CatchUp::~CatchUp() {
  if (LossySink* sink = sink_in_use()) sink->on_behind(nullptr);
}

void CatchUp::catch_up() {
  LossySink* sink = sink_in_use();
  if (sink != nullptr && !sink->catch_up()) timer_.start(wait, [this] { catch_up(); });
}

void set_up(const Settings& settings) {
  auto sink = std::make_shared<LossySink>(settings.format);
  if (settings.format == Settings::Format::json)
    sink->set_formatter(json_formatter());
  else
    sink->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  auto logger = std::make_shared<spdlog::logger>("portolan", sink);
  logger->set_level(spdlog::level::from_str(std::string(settings.level)));
  destination().sink = std::move(sink);
  destination().logger = std::move(logger);
}

base::Result<base::Done> write_to(const std::string& path) {
  auto file = LogFile::open(path);
  if (!file) return file.error();
  logger();  // there is a sink
  sink_in_use()->move_to(std::move(*file));
  return base::Done{};
}

void reopen() {
  LossySink* sink = sink_in_use();
  if (sink == nullptr || !sink->file()) return;
  const auto opened = write_to(sink->file()->path());
  if (!opened)
    error("log_file_failed", "{}; it stays in the file that is open",
          field("reason", opened.error().message));
}

void abandon() {
  static auto* const abandoned = new std::vector<Destination>;  // NOLINT: never destroyed
  abandoned->push_back(std::exchange(destination(), {}));
}

bool is_json_on_standard_error() {
  const LossySink* sink = sink_in_use();
  return sink != nullptr && !sink->file() && sink->format() == Settings::Format::json &&
         is_on(Level::error);
}

bool is_on(Level level) {
  if (destination().redirected) return level >= destination().least_redirected;
  return logger().should_log(to_spdlog(level));
}

void write(Level level, const Line& line) {
  if (!is_on(level)) return;
  if (destination().redirected) return destination().redirected(level, line.message);
  logger().log(to_spdlog(level), sink_in_use()->payload(line));
}

Redirection::Redirection(Level least, Write write) {
  destination().least_redirected = least;
  destination().redirected = std::move(write);
}

Redirection::~Redirection() { destination().redirected = nullptr; }

}  // namespace logging
