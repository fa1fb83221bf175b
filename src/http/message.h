#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/outgoing.h"

namespace http {

/// A request, as far as it matters to those who only read.
struct Request {
  std::string method = {};
  std::string path = {};   // without the query
  std::string query = {};  // what stands behind the question mark
  /// Whom it is for, as parse_http_host() returns it: of the target if that names a host, otherwise
  /// of the Host field. Empty if neither does.
  std::string host = {};
  /// Last-Event-ID, of a stream that its reader has lost; empty if it has none.
  std::string last_event_id = {};
  bool may_stay = false;  // the connection, for another request
};

/// What a parameter of a query is, as it stands there; nothing if it is not there.
std::optional<std::string> http_parameter(std::string_view query, std::string_view name);

struct Response {
  using Fields = std::vector<std::pair<std::string, std::string>>;

  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  /// Behind `body`, and followed by `tail`: texts that other answers may be sending as well.
  SharedTexts shared = {};
  std::string tail = {};
  Fields fields = {};
  /// The body is only the beginning: more follows as it happens, until either side ends.
  bool is_stream = false;
  /// It is still being made, and nothing else counts: ask for it again when others had their turn.
  bool is_later = false;

  /// Of the whole body, in bytes.
  size_t body_size() const;
};

/// The header and `body` as bytes; `shared` and `tail` follow. A HEAD request gets the header
/// alone.
std::string encode(const Response& response, bool is_head, bool may_stay);

/// Reads requests out of bytes, one after another (RFC 9112, by Boost.Beast). Bodies are refused.
class Reader {
 public:
  enum class State {
    reading,  // nothing whole yet
    whole,    // take() it
    wrong,    // fault() is the answer, and the last one
  };

  /// A browser's request has about 600 bytes.
  static constexpr size_t header_bytes_max = 16384;

  Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader();

  State receive(std::string_view bytes);
  /// Whether a request has begun to come in.
  bool has_begun() const { return has_begun_; }
  /// The request; what came behind it is read at the next receive(), which may be of nothing.
  Request take();
  Response fault() const;

 private:
  struct Parser;

  void drop_empty_lines();

  std::unique_ptr<Parser> parser_;
  std::string unread_ = {};
  bool has_begun_ = false;
  unsigned status_ = 0;
};

}  // namespace http
