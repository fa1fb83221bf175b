#pragma once

// The requests the load sends and the replies it accepts, as bytes.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "names.h"

namespace bench {

inline constexpr std::size_t alive2_resp_bytes = 6;

inline std::string framed(std::string_view body) {
  std::string request;
  put_u16(request, body.size());
  return request += body;
}

inline std::string alive2_req(unsigned node) {
  const std::string name = name_of(node);
  std::string body = "x";
  put_u16(body, port_of(node));
  body.append("M\0\0\6\0\5", 6);
  put_u16(body, name.size());
  body += name;
  put_u16(body, 0);
  return framed(body);
}

inline std::string names_resp(unsigned port, unsigned count) {
  std::string reply(2, '\0');
  put_u16(reply, port);
  return reply += names_lines(count);
}

// ALIVE2_X_RESP with a positive result; the creation is the server's choice, but 0 to 3 are the old
// form's.
inline bool is_registered(std::string_view reply) {
  return reply.size() == alive2_resp_bytes && reply.starts_with(std::string_view("v\0", 2)) &&
         reply.substr(2) > std::string_view("\0\0\0\3", 4);
}

// Bytes as a person can read them: what is no ASCII character becomes a point.
inline std::string printable(std::string text) {
  for (char& c : text) c = c >= ' ' && c <= '~' ? c : '.';
  return text;
}

inline std::vector<std::string_view> sorted_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Whether two NAMES_RESP have the same header and the same lines, in whatever order: clients that
// register side by side do not determine it.
inline bool same_names(std::string_view a, std::string_view b) {
  if (a.size() != b.size() || a.size() < 4 || a.substr(0, 4) != b.substr(0, 4)) return false;
  return sorted_lines(a.substr(4)) == sorted_lines(b.substr(4));
}

}  // namespace bench
