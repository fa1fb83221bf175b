#include "push/reregistration.h"

#include <utility>

#include "logging/log.h"
#include "push/registrants.h"

namespace push {

Reregistration::Reregistration(event::Loop& loop, CookieChecks& checks, tls::Client* tls,
                               std::vector<discovery::LocalNode> known)
    : loop_(loop), checks_(checks), tls_(tls), due_(loop.now() + timeout) {
  for (discovery::LocalNode& node : known) missing_[node.name.to_string()] = std::move(node);
}

void Reregistration::tell(const discovery::Report& report) {
  for (const discovery::LocalNode& local : report.sightings.locals)
    missing_.erase(local.name.to_string());
  if (loop_.now() < due_) return;
  for (const auto& [name, node] : std::exchange(missing_, {})) call(node);
}

void Reregistration::call(const discovery::LocalNode& node) {
  const auto address = net::Address::parse(node.node.ip, node.node.port_no);
  auto cookie = checks_.cookie();
  if (!address || !cookie) return;
  const std::string name = node.name.to_string();
  std::string alive_name;
  dist::put_string(alive_name, node.name.alive_name);
  std::string port_no;
  dist::put_integer(port_no, node.node.port_no);
  auto& connection = links_[name];
  connection = std::make_unique<probe::DistConnection>(
      loop_, probe::DistConnection::Node{*address, name, node.creation, cookie->owner},
      std::move(cookie->cookie),
      probe::DistConnection::Listener{
          [&connection, alive_name, port_no] {
            connection->call(1, {"erl_epmd", "register_node", {alive_name, port_no}});
          },
          [&connection, name](uint32_t, const std::string& term) {
            on_answer(name, term);
            connection->finish();
          },
          [this, name](probe::DistConnection::End end) { on_ended(name, end); }},
      tls_);
}

/// Most often it is gone, as a node may be by then. But one that is there waits for us.
void Reregistration::on_ended(const std::string& name, probe::DistConnection::End end) {
  const auto connection = links_.extract(name);
  if (end == probe::DistConnection::End::foreign_user)
    note_other_user(name, connection.mapped()->peer_user());
  if (end == probe::DistConnection::End::wrong_cookie)
    logging::error(
        "reregistration_refused",
        "{} was here before this daemon was started, and has another cookie than that of {}; start "
        "it anew, or this daemon with the node's own",
        logging::field("node", name), checks_.source().describe());
}

void Reregistration::note_other_user(const std::string& name, const base::Result<uid_t>& user) {
  const auto cookie = checks_.cookie();
  if (!cookie) return;
  logging::warn(
      "reregistration_refused", "{} was here before this daemon was started; now {}",
      logging::field("node", name),
      logging::field("reason", describe_other_user("answers at its port", user, cookie->owner)));
}

/// {ok, Creation}, or {error, Reason}.
void Reregistration::on_answer(const std::string& name, const std::string& term) {
  dist::TermReader reader(term);
  const bool is_pair = reader.tuple() == 2;
  if (is_pair && reader.atom() == "ok")
    logging::info("registered_again",
                  "{} was here before this daemon was started, and is registered again",
                  logging::field("node", name));
  else
    logging::warn("reregistration_failed",
                  "{} was here before this daemon was started, and cannot be registered again; "
                  "start it anew",
                  logging::field("node", name));
}

}  // namespace push
