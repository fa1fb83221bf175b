#include "doctor/cookie_trial.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "doctor/blocking_dns.h"
#include "doctor/compatibility.h"
#include "net/interfaces.h"
#include "probe/dist_connection.h"

namespace doctor {
namespace {

using probe::DistConnection;

bool is_here(const net::Address& node) {
  const auto own = net::interface_addresses();
  return std::find(own.begin(), own.end(), node.host()) != own.end();
}

CheckResult judge_unread(const base::Error& error, bool is_cookie_named) {
  const std::string& why = error.message;
  if (error.number == ENOENT && !is_cookie_named) return unknown("not tried: " + why);
  return failed(why, "the cookie that it was to be tried with cannot be had",
                "mend that, and ask again");
}

}  // namespace

/// On this host it is known whose process it is. Elsewhere it is for the user to know: NODE is
/// given by name.
CheckResult try_cookie(event::Loop& loop, const options::Doctor& doctor, tls::Client* tls,
                       const net::Address& node, const dist::Challenge& told) {
  auto cookie = doctor.cookies.read();
  if (!cookie) return judge_unread(cookie.error(), doctor.is_cookie_named);
  const auto user = is_here(node) ? std::optional(cookie->owner) : std::nullopt;
  DistConnection* link = nullptr;
  const auto end = await<DistConnection::End>(loop, doctor.asking.timeout, [&](auto on_ended) {
    auto pending = std::make_unique<DistConnection>(
        loop, DistConnection::Node{node, told.node_name, told.creation, user},
        std::move(cookie->cookie),
        DistConnection::Listener{[&link] { link->finish(); }, [](uint32_t, const std::string&) {},
                                 std::move(on_ended)},
        tls);
    link = pending.get();
    return pending;
  });
  return judge_cookie(end.value_or(DistConnection::End::silent), doctor.cookies.describe());
}

}  // namespace doctor
