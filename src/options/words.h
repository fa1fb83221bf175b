#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "options/options.h"

/// The words of the command line that several commands share. Only the options*.cc include this,
/// and CLI11. What is set must live until the command line has been parsed.
namespace options {

/// Whether an option is there or not, and needs no value.
inline bool is_flag(const CLI::Option& option) { return option.get_items_expected_max() == 0; }

/// A text for one line: without the control characters that a value may have.
std::string on_one_line(std::string text);

/// The value of an option, or of an argument, is wrong.
struct Refusal : CLI::ValidationError {
  Refusal(const std::string& option, const std::string& why)
      : CLI::ValidationError(option, on_one_line(why)), name(option) {}
  /// As the user writes it: `--port`, `QUERY`.
  std::string name;
};

/// Ends the parse with one line that says what is wrong with an option's value. Where the value
/// came from is added to it.
[[noreturn]] void refuse(const std::string& option, const std::string& why);

/// The items of a list: words may hold several, separated by commas. Blanks around an item do not
/// count, nor do empty items. So every list is read, wherever it comes from.
std::vector<std::string> list_items(const std::vector<std::string>& words);

/// An option for a list takes one word at a time, so that it leaves alone what follows. It may
/// repeat. Ends the parse if the list has no item.
CLI::Option* add_list(CLI::App& app, const std::string& name, const std::string& type,
                      const std::function<void(const std::vector<std::string>&)>& set,
                      const std::string& help);

/// The arguments of a command that may have several. It must be given to keep_brackets() too.
CLI::Option* add_arguments(CLI::App& app, const std::string& name, const std::string& type,
                           std::vector<std::string>& values, const std::string& help);
/// CLI11 takes an argument such as [::1] for a list of its own, and strips the brackets. The words
/// that this returns keep them: add_arguments() takes off what is added here.
std::vector<std::string> keep_brackets(const CLI::App& command, std::vector<std::string> words);

/// A duration, at most duration_max; ends the parse if it is none.
std::chrono::milliseconds duration_or_refuse(
    const std::string& option, const std::string& text,
    std::chrono::milliseconds least = std::chrono::milliseconds(1));

CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                          const std::string& help);
/// A whole number above 0.
CLI::Option* add_count(CLI::App& app, const std::string& name, size_t& value,
                       const std::string& help);
CLI::Option* add_port(CLI::App& app, uint16_t& value, const std::string& help);
/// Networks such as 10.0.0.0/8, separated by commas.
CLI::Option* add_networks(CLI::App& app, const std::string& name, std::vector<net::Network>& value,
                          const std::string& help);
/// One of a few words, also from the environment's `variable`.
void add_choice(CLI::App& app, const std::string& name, const std::vector<std::string>& choices,
                const std::function<void(const std::string&)>& set, const std::string& help,
                const std::string& variable);
void add_json(CLI::App& app, const std::function<void()>& set);
/// --json and --timeout.
void add_asking(CLI::App& app, Asking& asking, const std::string& timeout_default = "5s");
void add_log(CLI::App& app, Log& log);

/// Each adds one command, which on being chosen puts what it was told into `chosen`.
void add_serve(CLI::App& portolan, Command& chosen);
void add_run(CLI::App& portolan, Command& chosen);
void add_discover(CLI::App& portolan, Command& chosen);
void add_wait(CLI::App& portolan, Command& chosen);
void add_mesh(CLI::App& portolan, Command& chosen);
void add_check(CLI::App& portolan, Command& chosen);
void add_doctor(CLI::App& portolan, Command& chosen);
void add_takeover(CLI::App& portolan, Command& chosen);
void add_completion(CLI::App& portolan, Command& chosen);

/// How TLS is given; finish() reads --tls-conf, and refuses what is not whole.
struct TlsTexts {
  tls::Settings settings = {};
  std::string conf_file = {};

  /// Nothing: no TLS.
  std::optional<tls::Settings> finish() const;
};
void add_tls(CLI::App& app, TlsTexts& texts);

/// What serve, discover and wait look for. Texts until finish() has read them, for the port that
/// they default to may come later.
struct SearchTexts {
  std::vector<std::string> queries = {};
  std::vector<std::string> wanted = {};
  std::vector<std::string> ignored = {};
  TlsTexts tls = {};
  Search search = {};

  /// Refuses what is no query. `name` is how the user gives them.
  Search finish(const std::string& name, uint16_t port_default);
};
void add_search(CLI::App& app, SearchTexts& texts);
void add_nameservers(CLI::App& app, Search& search);
/// --peers.
void add_peers(CLI::App& app, std::vector<net::Network>& peers);
/// --discover.
void add_queries_to_discover(CLI::App& app, SearchTexts& texts, const std::string& help);

/// What `run` has besides the options of `serve`.
void add_command_options(CLI::App& app, Run& run);

/// A file that an option names.
struct NamedFile {
  std::string option = {};
  std::string path = {};
  bool is_written = true;
};
using NamedFiles = std::vector<NamedFile>;
/// Ends the parse where the program would write to a file that another option names. Files that are
/// only read come first.
void refuse_shared_files(const NamedFiles& files);

void add_cookie_file(CLI::App& app, std::string& path);
/// A file that is named comes before a variable that happens to be there.
push::CookieSource where_the_cookie_is(const std::string& named_file);

}  // namespace options
