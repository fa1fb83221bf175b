#pragma once

#include <memory>
#include <string>

#include "discovery/interfaces.h"
#include "event/loop.h"
#include "tls/client.h"

namespace probe {

/// Asks EPMDs and nodes over TCP. Neither is trusted: answers are bounded in size and in time.
class Prober final : public discovery::Prober {
 public:
  /// A stranger's list that is longer is taken for an attack.
  static constexpr size_t names_max = 100'000;
  /// What the names of one list may take up in any case, and what all lists that are being read may
  /// take up beyond that. Names for which there is no room are counted.
  static constexpr size_t list_bytes_own = size_t{64} << 10;
  static constexpr size_t list_bytes_shared = size_t{16} << 20;
  /// Nodes answer in milliseconds; one that does not is asked again at a later round.
  static constexpr discovery::Time node_timeout = std::chrono::seconds(1);
  /// A node loads its TLS when the first one comes, which takes a second where there is little
  /// time.
  static constexpr discovery::Time tls_timeout = std::chrono::seconds(3);

  /// `own_name` is dist::prober_name() of this host. With `tls`, nodes are asked through TLS only;
  /// null: without. The loop and the client outlive the prober.
  Prober(event::Loop& loop, std::string own_name, tls::Client* tls = nullptr);

  discovery::Pending ask_names(const discovery::Endpoint& epmd, discovery::Time timeout,
                               OnNames on_names) override;
  discovery::Pending ask_some_names(const discovery::Endpoint& epmd, discovery::Time timeout,
                                    const discovery::Interest& interest, OnNames on_names) override;
  discovery::Pending identify(const discovery::Endpoint& node, OnIdentified on_identified) override;
  uint64_t credentials() override { return tls_ ? tls_->times_read() : 0; }

 private:
  discovery::Pending not_asked(const std::string& why, OnIdentified on_identified);

  event::Loop& loop_;
  std::string own_name_;
  tls::Client* tls_;
  std::shared_ptr<size_t> shared_bytes_ = std::make_shared<size_t>(0);  // in use
};

}  // namespace probe
