#include "dns/answer.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/wire.h"
#include "dns/channel.h"

namespace dns {
namespace {

constexpr size_t header_bytes = 12;
constexpr size_t counts_offset = 4;

/// Upper and lower case make no difference in a DNS name (RFC 4343).
struct IgnoresCase {
  bool operator()(const std::string& a, const std::string& b) const {
    return strcasecmp(a.c_str(), b.c_str()) < 0;
  }
};

/// As inet_ntop writes it, which takes as long as all the rest: an alias may have thousands.
std::string ipv4_text(std::string_view bytes) {
  std::array<char, INET_ADDRSTRLEN> text = {};
  char* end = text.data();
  for (const char byte : bytes) {
    if (end != text.data()) *end++ = '.';
    end = std::to_chars(end, text.data() + text.size(), static_cast<uint8_t>(byte)).ptr;
  }
  return {text.data(), end};
}

std::string ipv6_text(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

/// Goes through a message once. After the first thing that cannot be skipped nothing is read.
class MessageReader {
 public:
  MessageReader(int type, std::string_view message) : type_(type), message_(message) {}

  DnsAnswer read() {
    base::WireReader header(message_.substr(std::min(counts_offset, message_.size())));
    const unsigned questions = header.u16();
    const unsigned answers = header.u16();
    const unsigned others = header.u16() + unsigned{header.u16()};
    if (header.failed()) return {{}, "it is cut off"};
    offset_ = header_bytes;
    for (unsigned i = 0; i < questions && is_whole_; ++i) read_question();
    for (unsigned i = 0; i < answers && is_whole_; ++i) read_record(true);
    for (unsigned i = 0; i < others && is_whole_; ++i) read_record(false);
    if (is_whole_ && offset_ != message_.size()) note("there is more than it announces");
    follow_aliases();
    return std::move(answer_);
  }

 private:
  void note(std::string fault) {
    if (answer_.fault.empty()) answer_.fault = std::move(fault);
  }
  void break_off(const char* fault) {
    note(fault);
    is_whole_ = false;
  }

  /// The name at an offset, which is moved past it. The C library sees to pointers that lead in a
  /// circle or out of the message.
  std::optional<std::string> name_at(size_t& offset) const {
    std::array<char, NS_MAXDNAME> text = {};
    const auto* const start = reinterpret_cast<const unsigned char*>(message_.data());
    if (offset >= message_.size()) return std::nullopt;
    const int taken = dn_expand(start, start + message_.size(), start + offset, text.data(),
                                static_cast<int>(text.size()));
    if (taken < 0) return std::nullopt;
    offset += static_cast<size_t>(taken);
    return std::string(text.data());
  }

  void read_question() {
    const auto name = name_at(offset_);
    base::WireReader rest(message_.substr(std::min(offset_, message_.size())));
    rest.bytes(NS_QFIXEDSZ);
    if (!name || rest.failed()) return break_off("its question cannot be read");
    offset_ += NS_QFIXEDSZ;
    if (question_.empty()) question_ = *name;
  }

  void read_record(bool is_of_answer) {
    const auto owner = name_at(offset_);
    if (!owner) return break_off("a name in it cannot be read");
    base::WireReader rest(message_.substr(offset_));
    const int type = rest.u16();
    const int record_class = rest.u16();
    rest.u32();  // how long it may be remembered
    const std::string_view data = rest.bytes(rest.u16());
    if (rest.failed()) return break_off("it is cut off");
    offset_ = message_.size() - rest.rest().size();
    if (!is_of_answer || record_class != ns_c_in) return;
    if (type == ns_t_cname) read_alias(*owner, data);
    if (type == type_) read_data(data);
  }

  void read_alias(const std::string& owner, std::string_view data) {
    if (const auto target = name_in(data))
      aliases_[owner] = *target;
    else
      note("the target of a CNAME record cannot be read");
  }

  void read_data(std::string_view data) {
    if (type_ == ns_t_a) return read_address(AF_INET, "A", data, NS_INADDRSZ);
    if (type_ == ns_t_aaaa) return read_address(AF_INET6, "AAAA", data, NS_IN6ADDRSZ);
    if (type_ == ns_t_srv) return read_service(data);
    if (auto name = name_in(data)) return answer_.records.push_back({std::move(*name), 0});
    note("a PTR record cannot be read");
  }

  void read_address(int family, const char* type, std::string_view data, size_t size) {
    if (data.size() != size)
      return note(std::string("an ") + type + " record in it has " + std::to_string(data.size()) +
                  " bytes");
    answer_.records.push_back({family == AF_INET ? ipv4_text(data) : ipv6_text(data), 0});
  }

  void read_service(std::string_view data) {
    base::WireReader reader(data);
    reader.u32();  // priority and weight
    const uint16_t port_no = reader.u16();
    auto target = reader.failed() ? std::nullopt : name_in(reader.rest());
    if (!target) return note("an SRV record cannot be read");
    answer_.records.push_back({std::move(*target), port_no});
  }

  /// A name that fills the rest of a record's data.
  std::optional<std::string> name_in(std::string_view data) const {
    auto offset = static_cast<size_t>(data.data() - message_.data());
    const size_t end = offset + data.size();
    auto name = data.empty() ? std::nullopt : name_at(offset);
    return offset == end ? name : std::nullopt;
  }

  void follow_aliases() {
    std::set<std::string, IgnoresCase> met;
    for (auto at = aliases_.find(question_); at != aliases_.end(); at = aliases_.find(at->second))
      if (!met.insert(at->first).second) return note("its CNAME records lead in a circle");
  }

  int type_;
  std::string_view message_;
  size_t offset_ = 0;
  bool is_whole_ = true;
  std::string question_ = {};
  std::map<std::string, std::string, IgnoresCase> aliases_ = {};
  DnsAnswer answer_ = {};
};

std::string describe(int status) {
  switch (status) {
    case ARES_ESERVFAIL: return "it answers SERVFAIL";
    case ARES_EREFUSED: return "it answers REFUSED";
    case ARES_ENOTIMP: return "it answers NOTIMP";
    case ARES_EFORMERR: return "it answers FORMERR";
    case ARES_ECONNREFUSED: return "refused: nothing listens there, or no way leads there";
    case ARES_ETIMEOUT: return "no answer in time";
    default: return ares_strerror(status);
  }
}

/// What came is true, but not all of it came.
DnsAnswer read_part(int type, std::string_view message) {
  DnsAnswer part = read_dns_answer(type, message);
  part.fault = "its answer is too long for UDP, and over TCP it gives none";
  if (!part.records.empty())
    part.fault += "; only " + std::to_string(part.records.size()) + " of its records are known";
  return part;
}

}  // namespace

DnsAnswer read_dns_answer(int type, std::string_view message) {
  return MessageReader(type, message).read();
}

DnsAnswer read_dns_answer(int type, int status, std::string_view message) {
  if (status == Channel::status_truncated) return read_part(type, message);
  const bool says_nothing = status == ARES_ENODATA || status == ARES_ENOTFOUND;
  if (status != ARES_SUCCESS && !says_nothing) return {{}, describe(status)};
  if (says_nothing && message.empty()) return {};  // c-ares knows by itself
  DnsAnswer answer = read_dns_answer(type, message);
  if (says_nothing) answer.records.clear();
  if (!answer.fault.empty()) answer.fault.insert(0, "its answer cannot be relied on: ");
  return answer;
}

}  // namespace dns
