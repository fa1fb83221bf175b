#include "net/interfaces.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "base/host_port.h"
#include "net/address.h"

namespace net {
namespace {

bool is_link_local(const Address& address) {
  const std::string_view bytes = address.host_bytes();
  return bytes.size() == 16 && bytes.starts_with("\xfe\x80");
}

std::string ip_of(const ifaddrs& interface) {
  if (!interface.ifa_addr) return {};
  const sa_family_t family = interface.ifa_addr->sa_family;
  if (family != AF_INET && family != AF_INET6) return {};
  sockaddr_storage storage = {};
  std::memcpy(&storage, interface.ifa_addr,
              family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
  const Address address = Address::from(storage);
  return is_link_local(address) ? std::string() : address.host();
}

}  // namespace

std::vector<std::string> interface_addresses() {
  ifaddrs* interfaces = nullptr;
  if (getifaddrs(&interfaces) != 0) return {"127.0.0.1", "::1"};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(interfaces, freeifaddrs);
  std::vector<std::string> ips;
  for (const ifaddrs* each = interfaces; each; each = each->ifa_next)
    if (std::string ip = ip_of(*each); !ip.empty()) ips.push_back(std::move(ip));
  std::stable_partition(ips.begin(), ips.end(), base::is_loopback);
  return ips;
}

std::string host_name() {
  std::array<char, 256> name = {};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace net
