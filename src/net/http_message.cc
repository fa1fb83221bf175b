#include "net/http_message.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <iterator>

namespace net {
namespace {

namespace http = boost::beast::http;

constexpr unsigned bad_request = 400;
constexpr unsigned method_not_allowed = 405;
constexpr unsigned content_too_large = 413;
constexpr unsigned header_too_large = 431;

unsigned status_of(const boost::system::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return header_too_large;
  return bad_request;
}

/// A body is refused with the method that it came with, where that is not one of ours.
unsigned status_of_body(http::verb method) {
  const bool is_reading = method == http::verb::get || method == http::verb::head;
  return is_reading ? content_too_large : method_not_allowed;
}

std::string text_of(boost::beast::string_view view) { return {view.data(), view.size()}; }

/// HTTP/1.1 wants one, whatever is in it (RFC 9112, 3.2).
bool lacks_host(const http::request_header<>& header) {
  const auto [first, last] = header.equal_range(http::field::host);
  return header.version() >= 11 && std::distance(first, last) != 1;
}

/// A target as proxies are asked for it is one of ours too: "http://host/path" (RFC 9112, 3.2.2).
std::string without_origin(std::string target) {
  constexpr boost::beast::string_view scheme = "http://";
  if (!boost::beast::iequals(boost::beast::string_view(target).substr(0, scheme.size()), scheme))
    return target;
  const size_t path = target.find_first_of("/?", scheme.size());
  if (path == std::string::npos) return "/";
  return (target[path] == '?' ? "/" : "") + target.substr(path);
}

}  // namespace

struct HttpReader::Parser {
  Parser() {
    reading.header_limit(header_bytes_max);
    reading.body_limit(0);
  }
  http::request_parser<http::empty_body> reading = {};
};

HttpReader::HttpReader() : parser_(std::make_unique<Parser>()) {}
HttpReader::~HttpReader() = default;

HttpReader::State HttpReader::receive(std::string_view bytes) {
  if (status_ != 0) return State::wrong;
  unread_ += bytes;
  // Some send an empty line behind what they sent before (RFC 9112, 2.2).
  if (!has_begun_) unread_.erase(0, unread_.find_first_not_of("\r\n"));
  if (unread_.empty()) return State::reading;
  boost::system::error_code error;
  // The parser stops behind a line that is not whole, and wants it again with its rest.
  const size_t used = parser_->reading.put(boost::asio::buffer(unread_), error);
  has_begun_ = true;
  unread_.erase(0, used);
  const bool has_body = parser_->reading.is_header_done() && !parser_->reading.is_done();
  if (has_body || error == http::error::body_limit)
    status_ = status_of_body(parser_->reading.get().method());
  else if (error && error != http::error::need_more)
    status_ = status_of(error);
  else if (parser_->reading.is_done() && lacks_host(parser_->reading.get()))
    status_ = bad_request;
  if (status_ != 0) return State::wrong;
  return parser_->reading.is_done() ? State::whole : State::reading;
}

HttpRequest HttpReader::take() {
  const auto& message = parser_->reading.get();
  const std::string target = without_origin(text_of(message.target()));
  const size_t mark = target.find('?');
  HttpRequest request;
  request.method = text_of(message.method_string());
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) request.query = target.substr(mark + 1);
  request.last_event_id = text_of(message["Last-Event-ID"]);
  // Older clients would have to be told that it stays, and those that ask for it are few.
  request.may_stay = message.version() >= 11 && message.keep_alive();
  parser_ = std::make_unique<Parser>();
  has_begun_ = !unread_.empty();
  return request;
}

HttpResponse HttpReader::fault() const {
  HttpResponse response;
  response.status = status_;
  if (status_ == method_not_allowed) response.fields = {{"Allow", "GET, HEAD"}};
  response.body = text_of(http::obsolete_reason(http::int_to_status(status_))) + "\n";
  return response;
}

std::string encode(const HttpResponse& response, bool is_head, bool may_stay) {
  const auto reason = http::obsolete_reason(http::int_to_status(response.status));
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " " + text_of(reason) +
                     "\r\nContent-Type: " + response.content_type +
                     "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  for (const auto& [name, value] : response.fields)
    text.append(name).append(": ").append(value).append("\r\n");
  if (!response.is_stream)
    text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
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

}  // namespace net
