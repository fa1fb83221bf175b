#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "epmd/event_sink.h"
#include "epmd/listing.h"
#include "epmd/registry.h"
#include "epmd/request_slot.h"

namespace epmd {

/// What the connection is to do after the session has received bytes, and has sent the reply.
enum class Verdict {
  read_on,           // the request is not whole
  keep_while_alive,  // answered an ALIVE2_REQ: no packet timeout from here on
  close,             // all is said
  shut_down,         // close, and then end the daemon: KILL_REQ was obeyed
};

/// Who asks. Locality is as the reference judges it (net::is_local_peer).
struct Peer {
  bool is_local = false;
  bool may_query = true;  // NAMES and PORT_PLEASE2, as --allow says
  int descriptor = -1;    // shown by DUMP, told to the event sink, used for nothing else
};

/// What all sessions of one daemon share; it outlives them.
struct Service {
  Registry& registry;
  Listing& listing;
  EventSink& event_sink;
  bool relaxed_command_check = false;
  /// To simulate a busy daemon: how long whoever sends a reply is to wait before each write.
  std::chrono::seconds delay_write = {};
  /// Where the request that is answered now is kept for a server that follows; null: nowhere.
  RequestSlot* slot = nullptr;
  /// Renders what a MESH_REQ is answered with. Null: there is nothing to tell, and it is closed, as
  /// by the reference.
  std::function<std::string()> mesh = {};
  /// Called when somebody elsewhere says that there are news there, with the connection.
  std::function<void(int descriptor)> on_news = {};
};

/// What is to be sent: a text of its own, or one it shares.
struct Reply {
  std::string text = {};
  SharedText shared = {};
  std::string_view view() const { return shared ? std::string_view(*shared) : text; }
};

/// One connection to EPMD without the connection: bytes in, reply and verdict out.
/// A name registered through it lives as long as the session (docs/PROTOCOL.md, "Registration").
class Session {
 public:
  Session(Service& service, Peer peer) : service_(&service), peer_(peer) {}
  /// Goes on after a registration that an earlier life of the daemon has answered.
  Session(Service& service, Peer peer, Registration registration)
      : service_(&service), peer_(peer), is_kept_(true), registration_(std::move(registration)) {}

  /// How many bytes may be read next. Reading no more is what gives bytes after the request the
  /// same fate as in the reference.
  size_t bytes_wanted() const;
  /// Takes what was read, at most bytes_wanted().
  Verdict receive(std::string_view bytes, Reply& reply);
  /// The peer has closed, or its connection failed with `error_number`.
  void peer_ended(int error_number);

  /// Of a request that is not whole: how many have come, and what they take.
  size_t bytes_received() const { return received_.size(); }
  size_t bytes_held() const { return received_.capacity(); }
  /// Whether receive() has said keep_while_alive.
  bool is_kept() const { return is_kept_; }
  Registration& registration() { return registration_; }
  const Peer& peer() const { return peer_; }

 private:
  Verdict receive_kept(std::string_view bytes);
  Verdict judge(std::string_view request, Reply& reply);
  Verdict perform(std::string_view body, Reply& reply);
  Verdict alive2(std::string_view body, Reply& reply);
  Verdict port_please2(std::string_view body, Reply& reply);
  Verdict names(std::string_view body, Reply& reply);
  Verdict mesh(std::string_view body, Reply& reply);
  Verdict dump(Reply& reply);
  Verdict kill(Reply& reply);
  Verdict stop(std::string_view body, Reply& reply);
  void take_news() const;
  bool remote_is_refused(EventKind kind);
  bool query_is_refused();
  void record(EventKind kind, int64_t number = 0, std::string_view text = {}) const;
  Verdict reject(const Fault& fault) const;

  Service* service_;
  Peer peer_;
  bool is_kept_ = false;
  std::string received_ = {};
  Registration registration_ = {};
};

}  // namespace epmd
