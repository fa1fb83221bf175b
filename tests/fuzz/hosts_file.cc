// Whatever stood in the file, our part is there once, and the rest is as it was.

#include "outputs/hosts_file.h"

#include "fuzz/demand.h"
#include "fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  std::set<std::string> hosts;
  for (uint8_t left = input.byte() % 4; left > 0; --left)
    hosts.insert("host" + std::to_string(input.byte()));
  const std::string_view before = input.rest();
  const std::string once = outputs::render_hosts(before, hosts);
  DEMAND(outputs::render_hosts(once, hosts) == once);
  for (const std::string& host : hosts) DEMAND(once.find("'" + host + "'.\n") != std::string::npos);
  const std::string without = outputs::render_hosts(once, {});
  DEMAND(without == outputs::render_hosts(before, {}));
  return 0;
}
