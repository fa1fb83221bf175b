#include "http/message.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <iterator>

#include "http/host.h"

namespace http {
namespace {

namespace beast = boost::beast::http;

constexpr unsigned bad_request = 400;
constexpr unsigned method_not_allowed = 405;
constexpr unsigned content_too_large = 413;
constexpr unsigned header_too_large = 431;
constexpr unsigned not_implemented = 501;

unsigned status_of(const boost::system::error_code& error) {
  if (error == beast::error::header_limit || error == beast::error::buffer_overflow)
    return header_too_large;
  return bad_request;
}

/// A body is refused with the method that it came with, where that is not one of ours.
unsigned status_of_body(beast::verb method) {
  const bool is_reading = method == beast::verb::get || method == beast::verb::head;
  return is_reading ? content_too_large : method_not_allowed;
}

/// Without the spaces and tabs around it.
std::string_view trimmed(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const size_t end = text.find_last_not_of(" \t");
  return end == std::string_view::npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

std::string text_of(boost::beast::string_view view) { return {view.data(), view.size()}; }

/// The codings of all Transfer-Encoding fields, in the order in which they were applied.
std::vector<std::string> transfer_codings(const beast::request_header<>& header) {
  std::vector<std::string> codings;
  const auto [first, last] = header.equal_range(beast::field::transfer_encoding);
  for (auto field = first; field != last; ++field) {
    std::string_view rest(field->value().data(), field->value().size());
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(','), rest.size());
      const std::string_view coding = trimmed(rest.substr(0, end));
      if (!coding.empty()) codings.emplace_back(coding);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return codings;
}

/// The status for a Transfer-Encoding from which the end of the request cannot be told (RFC 9112,
/// 6.1 and 6.3), or that we do not know. 0: there is none, or it is chunked and nothing else.
unsigned status_of_framing(const beast::request_header<>& header) {
  if (header.count(beast::field::transfer_encoding) == 0) return 0;
  const bool is_ambiguous = header.count(beast::field::content_length) > 0 || header.version() < 11;
  const std::vector<std::string> codings = transfer_codings(header);
  const auto is_chunked = [](const std::string& coding) {
    return boost::beast::iequals(coding, "chunked");
  };
  const auto first_chunked = std::find_if(codings.begin(), codings.end(), is_chunked);
  const bool is_chunked_last = first_chunked != codings.end() && first_chunked + 1 == codings.end();
  if (is_ambiguous || !is_chunked_last) return bad_request;
  return codings.size() == 1 ? 0 : not_implemented;
}

/// A target, which may name a host as proxies are asked for it: "http://host/path" (RFC 9112,
/// 3.2.2).
struct Target {
  std::optional<std::string> authority = {};
  std::string rest = {};
};

Target split(std::string target) {
  constexpr boost::beast::string_view scheme = "http://";
  if (!boost::beast::iequals(boost::beast::string_view(target).substr(0, scheme.size()), scheme))
    return {std::nullopt, std::move(target)};
  const size_t path = std::min(target.find_first_of("/?", scheme.size()), target.size());
  const bool has_path = path < target.size() && target[path] == '/';
  return {target.substr(scheme.size(), path - scheme.size()),
          (has_path ? "" : "/") + target.substr(path)};
}

/// Whom it is for: a host in the target comes before the field (RFC 9112, 3.2.2). Nothing: what is
/// there is no host.
std::optional<std::string> host_of(const beast::request_header<>& header) {
  const Target target = split(text_of(header.target()));
  return parse_http_host(target.authority.value_or(text_of(header[beast::field::host])));
}

/// HTTP/1.1 wants one Host field; several, or one that is no host, are wrong in any version
/// (RFC 9112, 3.2).
bool has_wrong_host(const beast::request_header<>& header) {
  const size_t count = header.count(beast::field::host);
  const bool lacks_one = header.version() >= 11 && count == 0;
  return lacks_one || count > 1 || !parse_http_host(text_of(header[beast::field::host])) ||
         !host_of(header);
}

}  // namespace

struct Reader::Parser {
  Parser() {
    reading.header_limit(header_bytes_max);
    reading.body_limit(0);
  }

  /// What is wrong with what has been read so far, as a status; 0: nothing.
  unsigned status(const boost::system::error_code& error) const {
    const auto& header = reading.get();
    const bool is_too_long = error == beast::error::body_limit;
    if (error && !is_too_long) return status_of(error);
    if (!reading.is_header_done() && !is_too_long) return 0;
    if (const unsigned framing = status_of_framing(header)) return framing;
    if (is_too_long || !reading.is_done()) return status_of_body(header.method());
    return has_wrong_host(header) ? bad_request : 0;
  }

  beast::request_parser<beast::empty_body> reading = {};
};

Reader::Reader() : parser_(std::make_unique<Parser>()) {}
Reader::~Reader() = default;

Reader::State Reader::receive(std::string_view bytes) {
  if (status_ != 0) return State::wrong;
  unread_ += bytes;
  if (!has_begun_) drop_empty_lines();
  if (unread_.empty()) return State::reading;
  boost::system::error_code error;
  // The parser stops behind a line that is not whole, and wants it again with its rest.
  const size_t used = parser_->reading.put(boost::asio::buffer(unread_), error);
  has_begun_ = true;
  unread_.erase(0, used);
  if (error == beast::error::need_more) error = {};
  status_ = parser_->status(error);
  if (status_ != 0) return State::wrong;
  return parser_->reading.is_done() ? State::whole : State::reading;
}

/// Some clients send an empty line behind what they sent before (RFC 9112, 2.2).
void Reader::drop_empty_lines() { unread_.erase(0, unread_.find_first_not_of("\r\n")); }

Request Reader::take() {
  const auto& message = parser_->reading.get();
  const std::string target = split(text_of(message.target())).rest;
  const size_t mark = target.find('?');
  Request request;
  request.method = text_of(message.method_string());
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) request.query = target.substr(mark + 1);
  request.host = host_of(message).value_or("");
  request.last_event_id = text_of(message["Last-Event-ID"]);
  // Older clients would have to be told that it stays, and those that ask for it are few.
  request.may_stay = message.version() >= 11 && message.keep_alive();
  parser_ = std::make_unique<Parser>();
  drop_empty_lines();
  has_begun_ = !unread_.empty();
  return request;
}

Response Reader::fault() const {
  Response response;
  response.status = status_;
  if (status_ == method_not_allowed) response.fields = {{"Allow", "GET, HEAD"}};
  response.body = text_of(beast::obsolete_reason(beast::int_to_status(status_))) + "\n";
  return response;
}

size_t Response::body_size() const {
  size_t size = body.size() + tail.size();
  for (const SharedText& text : shared) size += text->size();
  return size;
}

std::string encode(const Response& response, bool is_head, bool may_stay) {
  const auto reason = beast::obsolete_reason(beast::int_to_status(response.status));
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " " + text_of(reason) +
                     "\r\nContent-Type: " + response.content_type +
                     "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  for (const auto& [name, value] : response.fields)
    text.append(name).append(": ").append(value).append("\r\n");
  if (!response.is_stream)
    text += "Content-Length: " + std::to_string(response.body_size()) + "\r\n";
  if (!may_stay || response.is_stream) text += "Connection: close\r\n";
  text += "\r\n";
  return is_head ? text : text + response.body;
}

std::optional<std::string> http_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name)
      return std::string(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
  }
  return std::nullopt;
}

}  // namespace http
