#include "doctor/diagnosis.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "dist/node_name.h"
#include "epmd/alive_name.h"

namespace doctor {
namespace {

using Identified = discovery::Identification::Outcome;

/// As many as a line has room for.
std::string some_of(const std::vector<epmd::ListedName>& names) {
  constexpr size_t names_shown = 5;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), names_shown); ++i)
    text += (i == 0 ? "" : ", ") + epmd::escape_name(names[i].alive_name);
  if (names.size() > names_shown) text += fmt::format(" and {} more", names.size() - names_shown);
  return text;
}

std::string count_names(size_t count) {
  return count == 1 ? "1 name" : fmt::format("{} names", count);
}

/// A line that cannot be read spoils no other.
CheckResult listing_epmd(const std::string& found, size_t unreadable) {
  if (unreadable == 0) return ok(found);
  return unknown(fmt::format(
      "{}, and {} lines that cannot be read: an alive name there has a line feed in it, perhaps",
      found, unreadable));
}

CheckResult no_epmd(const std::string& place, Side side) {
  if (side == Side::local)
    return failed("nothing listens on " + place, "no EPMD runs here, or it has another port",
                  "start one (`portolan serve`, or `epmd -daemon`), or give its port with --port");
  return failed(
      "nothing listens on " + place,
      "no EPMD runs there, or it does not listen on that address, or has another port; or "
      "the host part leads to the wrong host",
      "start one there (`portolan serve`), with an --address that this host can reach; "
      "`portolan doctor` there tells how it is");
}

CheckResult no_way(const std::string& place, const std::string& system) {
  return failed(fmt::format("no way leads to {}: {}", place, system),
                "the two hosts have no network in common, or a firewall refuses",
                "bring both into one network (`docker network connect`), or open the way");
}

CheckResult mute_epmd(const std::string& place, Side side) {
  if (side == Side::local)
    return failed(place + " says nothing in time",
                  "what listens there is stopped, overloaded, or no EPMD",
                  "see who holds the port (`ss -ltnp`), and whether it is stopped; start it anew");
  return failed(
      place + " says nothing in time",
      "the host is paused or gone, though its name still leads there, or a firewall drops "
      "what is sent to it",
      "see whether it runs (`docker ps`), and let this host reach the EPMD's TCP port");
}

CheckResult unreached_epmd(const std::string& place, const ConnectResult& connected, Side side) {
  if (connected.outcome == ConnectResult::Outcome::refused) return no_epmd(place, side);
  if (connected.outcome == ConnectResult::Outcome::unreachable)
    return no_way(place, connected.system);
  return mute_epmd(place, side);
}

}  // namespace

ConnectResult connect_result_of(int error_number) {
  if (error_number == 0) return {};
  if (error_number == ECONNREFUSED) return {ConnectResult::Outcome::refused, {}};
  if (error_number == ETIMEDOUT) return {ConnectResult::Outcome::silent, {}};
  return {ConnectResult::Outcome::unreachable, std::strerror(error_number)};
}

CheckResult judge_epmd(const std::string& place, const EpmdAnswer& answer, Side side) {
  switch (answer.outcome) {
    case EpmdAnswer::Outcome::listed:
      return listing_epmd(
          fmt::format("{} answers, with {}", place, count_names(answer.names.size())),
          answer.unreadable);
    case EpmdAnswer::Outcome::not_reached: return unreached_epmd(place, answer.connected, side);
    case EpmdAnswer::Outcome::silent: return mute_epmd(place, side);
    case EpmdAnswer::Outcome::closed:
      return failed(place + " closes without an answer",
                    "it does not allow this host to ask, or it is no EPMD",
                    "let this host ask (--allow there), or give the EPMD's port with --port");
    case EpmdAnswer::Outcome::nonsense: break;
  }
  return failed(place + " answers, but not as an EPMD does", "another program has that port",
                "give the EPMD's port with --port, or end that program and start an EPMD");
}

CheckResult judge_listing(const std::string& place, std::string_view alive_name,
                          const std::vector<epmd::ListedName>& names) {
  for (const epmd::ListedName& each : names)
    if (each.alive_name == alive_name)
      return ok(fmt::format("'{}' is at port {}", epmd::escape_name(alive_name), each.port_no));
  const std::string others = names.empty() ? "nobody is" : "there are " + some_of(names);
  return failed(
      fmt::format("'{}' is not registered at {}; {}", epmd::escape_name(alive_name), place, others),
      "the node does not run there, or has another name, or has lost its EPMD",
      "start it (-sname or -name), or ask for a name that is there; up to OTP 23, a node "
      "whose EPMD was restarted must be started anew");
}

CheckResult judge_port(const std::string& place, const ConnectResult& connected,
                       PortSource source) {
  switch (connected.outcome) {
    case ConnectResult::Outcome::made: return ok(place + " takes connections");
    case ConnectResult::Outcome::refused:
      if (source == PortSource::user)
        return failed("nobody listens at " + place,
                      "the node does not run there, or has another port",
                      "start it, or see at which port it listens (-erl_epmd_port)");
      return failed("nobody listens at " + place + ", though the EPMD lists it",
                    "the node has just ended, or listens on another address "
                    "(inet_dist_use_interface), or its port is mapped to another one",
                    "let the node listen on that address; if ports are mapped, map each to itself");
    case ConnectResult::Outcome::unreachable: return no_way(place, connected.system);
    case ConnectResult::Outcome::silent: break;
  }
  return failed(
      place + " takes no connection in time",
      "a firewall drops what is sent there, though it lets the EPMD's port pass; or the "
      "node has been stopped for so long that its queue is full",
      "give the node fixed ports (-kernel inet_dist_listen_min and inet_dist_listen_max), "
      "and let these pass");
}

CheckResult judge_handshake(const std::string& place,
                            const discovery::Identification& identification) {
  switch (identification.outcome) {
    case Identified::identified: return ok("it shakes hands");
    case Identified::speaks_tls:
      return ok(
          "TLS distribution: it answers with a TLS alert, and who it is stays hidden; give "
          "--tls-ca "
          "or --tls-conf to see more");
    case Identified::tls_failed:
      return failed(place + ": " + identification.why, "no TLS connection to the node comes about",
                    "see what `portolan doctor NODE` with the same --tls options says of its TLS");
    case Identified::not_asked:
      return failed(identification.why, "without that, no node can be asked through TLS",
                    "mend the file, or leave out the --tls options");
    case Identified::busy:
      return unknown("it answers, but is just talking with another one like us; try again");
    case Identified::not_allowed:
      return unknown("it answers, and lets in only those whom net_kernel:allow/1 was told");
    case Identified::closed:
      return unknown(
          "it closes without a word, as TLS distribution up to OTP 23 does, and a node "
          "that is about to end");
    case Identified::nonsense:
      return failed("what listens at " + place + " is no node of OTP 23 or later",
                    "another program has that port, or the node is too old",
                    "see who listens there (`ss -ltnp`); start the node anew");
    case Identified::refused: return judge_port(place, {ConnectResult::Outcome::refused, {}});
    case Identified::silent: break;
  }
  return failed(
      place + " takes the connection and then says nothing",
      "the node is stopped, paused or overloaded: it is the kernel that takes connections",
      "let it go on (`docker unpause`, `kill -CONT`) if its state in `ps` is T; otherwise "
      "see what it is busy with, or start it anew");
}

CheckResult judge_true_name(std::string_view asked, const std::string& told) {
  const std::string shown = epmd::escape_name(told.substr(0, dist::node_name_bytes_max));
  const std::string_view alive_name = asked.substr(0, asked.find('@'));
  const bool is_alone = alive_name.size() == asked.size();
  if (told == asked || (is_alone && told.starts_with(std::string(asked) + '@')))
    return ok("it calls itself " + shown);
  if (told.substr(0, told.find('@')) != alive_name)
    return failed("another node is at that port: it calls itself " + shown,
                  "the port has gone to another node, or leads to another host",
                  "ask again in a second; if that stays so, start the node anew, and see where its "
                  "port is mapped to");
  return failed(fmt::format("it calls itself {}, not {}", shown, epmd::escape_name(asked)),
                "a node is connected to by its whole name, and refuses any other",
                "connect to " + shown + ", or start the node as " + epmd::escape_name(asked) +
                    " (-sname or -name, `docker run --hostname`)");
}

CheckResult judge_one_name(std::string_view name, const std::vector<std::string>& places) {
  const std::string shown = epmd::escape_name(name);
  if (places.size() < 2) return ok("no other node was found that calls itself " + shown);
  std::string where;
  for (const std::string& place : places) where += (where.empty() ? "" : " and ") + place;
  return failed(
      "several nodes call themselves " + shown + ", at " + where,
      "a node that connects to the name reaches either of them, so --push leaves both alone",
      "give each container a host name of its own (docker run --hostname; in Compose, "
      "hostname: does not go with replicas:)");
}

CheckResult judge_visit(const std::string& asked, const NodeProbe& node_probe, PortSource source) {
  if (node_probe.connected.outcome != ConnectResult::Outcome::made)
    return judge_port(node_probe.place, node_probe.connected, source);
  CheckResult handshake = judge_handshake(node_probe.place, node_probe.identification);
  if (node_probe.identification.outcome != Identified::identified) return handshake;
  const std::string& told = node_probe.identification.challenge.node_name;
  CheckResult name = judge_true_name(asked, told);
  if (name.has_failed()) return name;
  return ok(epmd::escape_name(told) + " shakes hands at " + node_probe.place);
}

CheckResult judge_user(CheckResult result, const NodeProbe& node_probe, uid_t owner) {
  if (result.has_failed() || !node_probe.user || *node_probe.user == owner) return result;
  return unknown(fmt::format(
      "{}, but --push would tell it nothing: it runs as user {}, and the cookie is user {}'s",
      result.found, *node_probe.user, owner));
}

}  // namespace doctor
