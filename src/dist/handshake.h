#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "dist/cookie.h"

/// The handshake of the Erlang distribution ("Distribution Protocol" in the ERTS User's Guide,
/// "Distribution Handshake"), from the side of the one who connects. Each message is its length,
/// then as many bytes, of which the first is the tag. All numbers are big-endian.
namespace dist {

/// How many bytes the length of a message of the handshake has: two on TCP, and four in TLS, as
/// OTP's inet_tls_dist has it.
enum class Framing : size_t { tcp = 2, tls = 4 };

namespace flags {

/// Bits of the capability flags that Portolan has a word for.
inline constexpr uint64_t published = uint64_t{1} << 0;
inline constexpr uint64_t unlink_id = uint64_t{1} << 25;
inline constexpr uint64_t v4_nc = uint64_t{1} << 34;
/// The node is to give us a name, and only hears which host we are: OTP 23 and later.
inline constexpr uint64_t name_me = uint64_t{1} << 33;

/// What the prober says of itself: everything that some release from OTP 23 to 29 insists on, so
/// that none of them logs why it refuses us, and not `published`: we are no part of the cluster.
inline constexpr uint64_t prober = 0x407070f94;
/// Of who connects for good: with a name that the node makes up, so that nobody's is in our way.
/// To such a one no node tells whether it is hidden.
inline constexpr uint64_t pusher = prober | name_me;

inline bool is_hidden(uint64_t flags) { return (flags & published) == 0; }
/// From OTP 26 on nodes insist on what OTP 23 lacks: two such never connect.
inline bool is_of_today(uint64_t flags) {
  constexpr uint64_t wanted = unlink_id | v4_nc;
  return (flags & wanted) == wanted;
}

/// Whether nodes of these releases take each other.
inline bool are_of_one_generation(uint64_t one, uint64_t other) {
  return is_of_today(one) == is_of_today(other);
}

}  // namespace flags

/// What a node tells of itself before it asks for a proof of the cookie.
struct Challenge {
  std::string node_name = {};  // as it came: not to be trusted before parse_node_name()
  uint64_t flags = 0;
  uint32_t challenge = 0;
  /// Tells one life of a node from the next.
  uint32_t creation = 0;

  bool is_hidden() const { return flags::is_hidden(flags); }
  bool operator==(const Challenge&) const = default;
};

/// The handshake, without a connection: bytes in, a result out. To end it at the challenge tells
/// who the node is, costs no cookie, and leaves no line in the node's log: that is the probe. With
/// the cookie it goes on, until each has proved to the other that it knows it.
class Handshake {
 public:
  enum class ReadResult {
    read_on,      // neither status nor challenge is whole
    identified,   // challenge() is there; prove() goes on
    connected,    // it has proved the cookie, too: what follows are packets
    impostor,     // it let us in, but does not know the cookie
    busy,         // it talks with another prober of that name: ask again later
    not_allowed,  // it refuses strangers, and has logged that it did
    speaks_tls,   // it answered with a TLS record
    nonsense,     // it is not a node, or none that we understand
  };

  /// A status or a challenge with the longest name there is, and room to spare.
  static constexpr size_t message_bytes_max = 2048;

  explicit Handshake(Framing framing = Framing::tcp) : framing_(framing) {}

  /// What to send first. `own_name` must be `x@y`, and no node's: docs/DISCOVERY.md, "The probe".
  std::string hello(std::string_view own_name, uint64_t own_flags) const;

  /// Takes what was read. After anything but read_on, and what its result names, the connection is
  /// to be closed.
  ReadResult receive(std::string_view bytes);
  const Challenge& challenge() const { return challenge_; }
  /// Whether it has let us in, though not yet said who it is.
  bool is_let_in() const { return has_status_; }
  /// The name and creation that it has given us, if `own_flags` asked for one.
  const std::string& given_name() const { return given_name_; }
  uint32_t given_creation() const { return given_creation_; }

  /// Once identified: what to send to prove that we know the cookie. `own_challenge` is any number
  /// that it cannot foresee, which it has to answer. A node that closes then has another cookie.
  std::string prove(const Cookie& cookie, uint32_t own_challenge);
  /// Once connected: what came behind the handshake.
  std::string take_rest() { return std::move(unread_); }

 private:
  enum class Stage { status, challenge, proof, done };

  ReadResult take_message(std::string_view message);
  ReadResult take_status(std::string_view status);
  ReadResult take_given_name(std::string_view name);
  ReadResult take_challenge(std::string_view message);
  ReadResult take_proof(std::string_view message);

  Framing framing_;
  std::string unread_ = {};
  Stage stage_ = Stage::status;
  bool has_status_ = false;
  Challenge challenge_ = {};
  std::string given_name_ = {};
  uint32_t given_creation_ = 0;
  Digest expected_ = {};
};

/// The name under which a prober of this host shows itself. Every name a node hears of costs it an
/// atom for ever, so there are only 64 of them; and two probers that meet at a node should not
/// share one, so the host's name chooses.
std::string prober_name(std::string_view host_name);

}  // namespace dist
