#include "terminal/failure.h"

#include <cerrno>
#include <utility>

#include "terminal/ask.h"
#include "terminal/print.h"

namespace terminal {

Failure failure_of(const base::Error& error) {
  if (error.number == ECONNREFUSED) return {error.message, "connection_refused"};
  if (error.number == ETIMEDOUT) return {error.message, "timeout"};
  if (error.number < 0)
    return {error.message + "; check the name, and /etc/resolv.conf", "unresolved"};
  if (error.number == 0) return {error.message, "not_epmd"};
  return {error.message, "unreachable"};
}

Failure no_epmd(uint16_t port) {
  return {"what answers at port " + std::to_string(port) +
              " of this host is no EPMD; see who listens there (ss -ltnp), or give another --port",
          "not_epmd"};
}

int fail(std::string_view command, options::Output output, const Failure& failure,
         outputs::Json about) {
  if (output == options::Output::json) {
    about["error"] = failure.why;
    about["reason"] = failure.reason;
    print(outputs::one_line(about) + '\n');
  }
  return fail(command, failure.why);
}

}  // namespace terminal
