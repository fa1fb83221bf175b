#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace options {

/// The columns of a help text: what an option is called, and what it does.
inline constexpr size_t help_columns_max = 100;
inline constexpr size_t help_left_column = 28;

/// The text of --help: as CLI11's, but no line is longer than help_columns_max. The variable of an
/// option stands behind what it does.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_group(std::string title, bool is_positional,
                         std::vector<const CLI::Option*> members) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_usage(const CLI::Option* option) const override;
  std::string make_usage(const CLI::App* command, std::string name) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_description(const CLI::App* command) const override;
};

/// The options that are added from here on stand under this title.
void begin_group(CLI::App& app, const std::string& title);

}  // namespace options
