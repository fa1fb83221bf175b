#include "dns/search_list.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <sstream>

#include "net/file.h"
#include "net/interfaces.h"

namespace dns {
namespace {

constexpr auto resolv_conf_path = "/etc/resolv.conf";
constexpr std::string_view ndots_option = "ndots:";
constexpr size_t ndots_max = 15;  // resolv.conf(5)

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream in{std::string(text)};
  return {std::istream_iterator<std::string>(in), {}};
}

/// What the C library takes for no file at all.
bool is_as_good_as_none(const base::Error& error) {
  for (const int number : {ENOTDIR, EISDIR, EACCES, EPERM, ELOOP})
    if (error.number == number) return true;
  return false;
}

/// The root is what a name that is tried as it is belongs to.
std::vector<std::string> domains_of(std::vector<std::string> words) {
  std::erase(words, ".");
  return words;
}

std::vector<std::string> domain_of_host() {
  const std::string host = net::host_name();
  const size_t dot = host.find('.');
  if (dot == std::string::npos) return {};
  return domains_of(words_of(std::string_view(host).substr(dot + 1)));
}

}  // namespace

base::Result<SearchList> SearchList::of_system() {
  SearchList list;
  list.domains = domain_of_host();
  const auto resolv_conf = net::read_file(resolv_conf_path);
  if (!resolv_conf && !is_as_good_as_none(resolv_conf.error())) return resolv_conf.error();
  if (resolv_conf) list.read(*resolv_conf);
  if (const char* const domains = std::getenv("LOCALDOMAIN"))
    list.domains = domains_of(words_of(domains));
  if (const char* const options = std::getenv("RES_OPTIONS")) list.read_options(options);
  return list;
}

/// The last line of its kind counts. A comment begins in the first column.
void SearchList::read(std::string_view resolv_conf) {
  servers = ScopedServers::read(resolv_conf);
  std::istringstream lines{std::string(resolv_conf)};
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> words = words_of(line);
    if (words.size() < 2) continue;
    const std::string keyword = words.front();
    words.erase(words.begin());
    if (keyword == "search") domains = domains_of(words);
    if (keyword == "domain") domains = domains_of({words.front()});
    if (keyword == "options") read_options(line);
  }
}

void SearchList::read_options(std::string_view options) {
  for (const std::string& word : words_of(options)) {
    if (!word.starts_with(ndots_option)) continue;
    size_t value = 0;
    const char* const end = word.data() + word.size();
    const auto read = std::from_chars(word.data() + ndots_option.size(), end, value);
    if (read.ec == std::errc()) ndots = std::min(value, ndots_max);
  }
}

std::vector<std::string> SearchList::candidates_of(const std::string& name) const {
  if (name.ends_with('.')) return {name};
  std::vector<std::string> candidates(domains.size(), name + '.');
  for (size_t i = 0; i < domains.size(); ++i) candidates[i] += domains[i];
  const auto dots = static_cast<size_t>(std::count(name.begin(), name.end(), '.'));
  candidates.insert(dots >= ndots ? candidates.begin() : candidates.end(), name);
  return candidates;
}

}  // namespace dns
