#include "dns/system_files.h"

#include <ares.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/host_port.h"
#include "net/file.h"

namespace dns {
namespace {

using Contents = SystemFiles::Contents;

std::string in_lower_case(std::string text) {
  const auto lower = [](unsigned char each) { return static_cast<char>(std::tolower(each)); };
  std::transform(text.begin(), text.end(), text.begin(), lower);
  return text;
}

/// The file that c-ares reads.
std::optional<std::string> read_hosts() {
  const char* const other = std::getenv("CARES_HOSTS");
  auto text = net::read_file(other ? other : "/etc/hosts");
  return text ? std::optional(in_lower_case(std::move(*text))) : std::nullopt;
}

/// c-ares takes an IPv6 address in brackets only before a port.
std::string text_of(const ares_addr_port_node& server) {
  std::array<char, INET6_ADDRSTRLEN> address = {};
  ares_inet_ntop(server.family, &server.addr, address.data(), address.size());
  const std::string ip = address.data();
  return server.udp_port == 0 ? ip
                              : base::join_host_port(ip, static_cast<uint16_t>(server.udp_port));
}

/// None if c-ares cannot say; then it reads them for each channel.
std::string read_nameservers() {
  ares_channel channel = nullptr;
  if (ares_init(&channel) != ARES_SUCCESS) return {};
  ares_addr_port_node* servers = nullptr;
  ares_get_servers_ports(channel, &servers);
  std::string all;
  for (const ares_addr_port_node* each = servers; each; each = each->next)
    all += (all.empty() ? "" : ",") + text_of(*each);
  ares_free_data(servers);
  ares_destroy(channel);
  return all;
}

base::Result<Contents> read_all() {
  auto search_list = SearchList::of_system();
  if (!search_list) return search_list.error();
  const std::string& scoped = search_list->servers.addresses;
  const std::string nameservers = scoped.empty() ? read_nameservers() : scoped;
  return Contents{std::move(*search_list), nameservers, read_hosts()};
}

}  // namespace

const base::Result<Contents>& SystemFiles::contents() {
  const event::Loop::Time now = loop_.now();
  if (!read_at_ || *read_at_ + retention <= now) {
    contents_ = read_all();
    read_at_ = now;
  }
  return contents_;
}

bool SystemFiles::may_be_in_hosts_file(const std::string& name) {
  const base::Result<Contents>& read = contents();
  return !read || !read->hosts || read->hosts->find(in_lower_case(name)) != std::string::npos;
}

}  // namespace dns
