#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dns {

/// The records of one type in a DNS message (RFC 1035 4.1), which may come from anybody. Every
/// section is read to its end: c-ares' own readers pass over some faults, and then an answer that
/// cannot be read looks like one that says that there is nothing.
struct DnsAnswer {
  struct Record {
    /// Of an A or AAAA record the address, of PTR the name, of SRV the target; names without a
    /// final dot.
    std::string value = {};
    uint16_t port_no = 0;  // of SRV
  };
  /// The records that could be read, also if others could not.
  std::vector<Record> records = {};
  /// What is wrong with the message; empty: nothing.
  std::string fault = {};
};

/// `type` is ns_t_a, ns_t_aaaa, ns_t_ptr or ns_t_srv. Names are followed through CNAME records:
/// these may not lead in a circle.
DnsAnswer read_dns_answer(int type, std::string_view message);

/// The same for an answer with one of c-ares' statuses: those that stand for an answer, and a
/// failure in words.
DnsAnswer read_dns_answer(int type, int status, std::string_view message);

}  // namespace dns
