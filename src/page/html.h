#pragma once

#include <string>
#include <string_view>

#include "discovery/interfaces.h"
#include "status/store.h"

/// The small pieces of HTML that several parts of the page are made of.
namespace page {

/// Nothing in the text is markup any more.
std::string escape_html(std::string_view text);

/// A moment to the second, in UTC.
std::string time_of(status::Moment moment);

/// An address and port.
std::string at(const discovery::Endpoint& endpoint);

/// 1 round, 2 rounds.
std::string counted(size_t count, std::string_view what);

/// A part of the page that is longer than it is read whole.
struct Table {
  const char* id = "";
  const char* heading = "";
  /// <th>…</th> for each column.
  const char* columns = "";
  /// Those that are shown, and how many there are.
  std::string rows = {};
  size_t count = 0;
  /// HTML that is said in place of a table without rows.
  std::string if_empty = {};
};

/// So many rows of a table are shown.
constexpr size_t rows_max = 1000;

std::string section_of(const Table& table);

}  // namespace page
