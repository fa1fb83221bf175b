#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "epmd/session.h"
#include "event/descriptor.h"

namespace server {

/// A socket and the session on it, and how bytes get from one to the other, without a loop: it
/// goes as far as it can without waiting. Nearly every exchange ends in its first advance(); only
/// those that do not are worth a handle and a timeout (Connection).
class Exchange {
 public:
  enum class Progress {
    wants_read,   // the request is not whole
    wants_write,  // the peer has not taken the whole reply
    kept,         // an ALIVE2_REQ is answered: waits for the peer to end
    finished,     // destroy it, which closes the socket
    shut_down,    // destroy it, then end the daemon
  };

  /// The socket is non-blocking.
  Exchange(event::Descriptor socket, epmd::Service& service, epmd::Peer peer)
      : service_(&service), socket_(std::move(socket)), session_(service, peer) {}
  /// Goes on with a registered name, in a later life of the daemon.
  Exchange(event::Descriptor socket, epmd::Service& service, epmd::Session session)
      : service_(&service),
        socket_(std::move(socket)),
        session_(std::move(session)),
        verdict_(epmd::Verdict::keep_while_alive) {}
  Exchange(Exchange&&) = default;
  Exchange& operator=(Exchange&&) = delete;
  ~Exchange();

  Progress advance();
  /// As advance(), after `bytes` have been read by an earlier life of the daemon.
  Progress repeat(std::string_view bytes);
  /// Whether the peer has closed, failed, or sent what nobody has read.
  bool peer_has_ended() const;

  epmd::Session& session() { return session_; }
  int descriptor() const { return socket_.get(); }
  /// Bytes of the reply that the peer has not taken.
  size_t bytes_unsent() const { return reply_.view().size() - sent_; }
  /// Of the request that is not whole, and of a reply of its own; a listing is shared.
  size_t bytes_held() const { return session_.bytes_held() + reply_.text.capacity(); }
  bool holds_listing() const { return reply_.shared != nullptr; }
  void record(epmd::EventKind kind, int64_t number = 0, std::string_view text = {}) const;

 private:
  Progress read();
  char* place_to_read(char* otherwise) const;
  Progress judge(std::string_view bytes);
  Progress write();
  void simulate_busyness() const;
  Progress end_of_reply() const;

  epmd::Service* service_;
  event::Descriptor socket_;
  epmd::Session session_;
  epmd::Verdict verdict_ = epmd::Verdict::read_on;
  bool may_be_unread_ = false;  // the last read brought all it asked for
  epmd::Reply reply_ = {};
  size_t sent_ = 0;
};

}  // namespace server
