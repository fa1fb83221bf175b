#include "page/html.h"

#include <fmt/core.h>

#include "base/host_port.h"
#include "outputs/member_json.h"

namespace page {

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const char each : text) {
    switch (each) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += each;
    }
  }
  return escaped;
}

std::string time_of(status::Moment moment) {
  const std::string text = outputs::to_text(moment);
  return fmt::format("<time datetime=\"{}\">{} {}</time>", text, text.substr(0, 10),
                     text.substr(11, 8));
}

std::string at(const discovery::Endpoint& endpoint) {
  return escape_html(base::join_host_port(endpoint.ip, endpoint.port_no));
}

std::string counted(size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string section_of(const Table& table) {
  const std::string body =
      table.rows.empty() ? fmt::format("<p>{}</p>", table.if_empty)
                         : fmt::format("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
                                       table.columns, table.rows);
  const std::string cut =
      table.count > rows_max
          ? fmt::format("<p>The first {} of {} are shown.</p>", rows_max, table.count)
          : "";
  return fmt::format(
      "<section id=\"{0}\" data-live><h2>{1} <small>{2}</small></h2>"
      "<div class=\"sheet\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"{1}\">{3}{4}</div></section>\n",
      table.id, table.heading, table.count, body, cut);
}

}  // namespace page
