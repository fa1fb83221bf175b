#include "options/words.h"

#include <algorithm>
#include <charconv>

#include "base/host_port.h"
#include "options/help.h"

namespace options {

using std::chrono::milliseconds;

std::string on_one_line(std::string text) {
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return text;
}

void refuse(const std::string& option, const std::string& why) { throw Refusal(option, why); }

milliseconds duration_or_refuse(const std::string& option, const std::string& text,
                                milliseconds least) {
  if (!is_duration(text))
    refuse(option, "'" + text + "' is not a duration; write 500ms, 5s, 2m or 1h");
  const std::optional<milliseconds> parsed = parse_duration(text);
  const std::string range = std::string("from ") + (least.count() == 0 ? "0" : "1ms") + " to 8760h";
  if (!parsed) refuse(option, "'" + text + "' is too long; write a duration " + range);
  if (*parsed < least) refuse(option, "'" + text + "' is too short; write a duration " + range);
  return *parsed;
}

CLI::Option* add_duration(CLI::App& app, const std::string& name, milliseconds& value,
                          const std::string& help) {
  const auto set = [&value, name](const std::string& text) {
    value = duration_or_refuse(name, text);
  };
  return app.add_option_function<std::string>(name, set, help)->type_name("D");
}

CLI::Option* add_count(CLI::App& app, const std::string& name, size_t& value,
                       const std::string& help) {
  const auto set = [&value, name](const std::string& text) {
    const char* const end = text.data() + text.size();
    const auto [stopped, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc{} || stopped != end || value == 0)
      refuse(name, "'" + text + "' is not a number above 0; write 1 or more");
  };
  return app.add_option_function<std::string>(name, set, help)->type_name("N");
}

CLI::Option* add_networks(CLI::App& app, const std::string& name, std::vector<net::Network>& value,
                          const std::string& help) {
  const auto set = [&value, name](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const base::Result<net::Network> network = net::Network::parse(text);
      if (!network) refuse(name, network.error().message);
      value.push_back(*network);
    }
  };
  return add_list(app, name, "CIDR", set, help);
}

CLI::Option* add_port(CLI::App& app, uint16_t& value, const std::string& help) {
  const auto set = [&value](const std::string& text) {
    const std::optional<uint16_t> parsed = base::parse_port_no(text);
    if (!parsed) refuse("--port", "'" + text + "' is not a port; write a number from 1 to 65535");
    value = *parsed;
  };
  return app.add_option_function<std::string>("--port", set, help)
      ->type_name("N")
      ->envname("ERL_EPMD_PORT");
}

namespace {

std::string in_one_word(const std::vector<std::string>& choices) {
  std::string word;
  for (const std::string& choice : choices) word += (word.empty() ? "" : "|") + choice;
  return word;
}

}  // namespace

/// Not CLI::IsMember, with which newer releases of CLI11 pass over what is wrong in the
/// environment.
void add_choice(CLI::App& app, const std::string& name, const std::vector<std::string>& choices,
                const std::function<void(const std::string&)>& set, const std::string& help,
                const std::string& variable) {
  const auto set_checked = [=](const std::string& text) {
    const std::string word = CLI::detail::to_lower(text);
    if (std::find(choices.begin(), choices.end(), word) == choices.end())
      refuse(name, "'" + text + "' is not one of " + in_one_word(choices));
    set(word);
  };
  app.add_option_function<std::string>(name, set_checked, help)
      ->type_name(in_one_word(choices))
      ->envname(variable);
}

void add_json(CLI::App& app, const std::function<void()>& set) {
  app.add_flag_callback("--json", set,
                        "Print the result as JSON, one object a line; a failure too");
}

void add_asking(CLI::App& app, Asking& asking, const std::string& timeout_default) {
  begin_group(app, "Output and time");
  add_json(app, [&asking] { asking.output = Output::json; });
  add_duration(app, "--timeout", asking.timeout,
               "Give up after this long, such as 500ms (default " + timeout_default + ")");
}

void add_log(CLI::App& app, Log& log) {
  begin_group(app, "Log");
  const auto set_level = [&log](const std::string& text) { log.level = text; };
  add_choice(app, "--log-level", {"trace", "debug", "info", "warning", "error", "off"}, set_level,
             "How much to log, on standard error (default " + log.level + ")",
             "PORTOLAN_LOG_LEVEL");
  const auto set_format = [&log](const std::string& text) {
    log.format = text == "json" ? logging::Settings::Format::json : logging::Settings::Format::text;
  };
  add_choice(app, "--log-format", {"text", "json"}, set_format,
             "The form of log lines (default text)", "PORTOLAN_LOG_FORMAT");
}

}  // namespace options
