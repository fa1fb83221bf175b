#pragma once

#include "doctor/diagnosis.h"
#include "doctor/node_talk.h"
#include "net/blocking_client.h"
#include "tls/client.h"

namespace doctor {

/// What came of trying to connect.
ConnectResult connect_result_of(const base::Result<net::BlockingClient>& client);

/// Asks the EPMD to which the client is connected for its names.
EpmdAnswer ask_epmd(base::Result<net::BlockingClient>& client);

/// Asks the node to which the client is connected who it is: the handshake up to the challenge,
/// which leaves no line in its log. Through TLS if there is a TLS client.
discovery::Identification ask_who(net::BlockingClient& client, tls::Client* tls);
discovery::Identification ask_who(NodeTalk& talk);

/// The EPMD of this host, at whichever loopback address takes the connection.
struct LocalEpmd {
  std::string place = {};
  EpmdAnswer answer = {};
};
LocalEpmd ask_local_epmd(uint16_t port_no, net::BlockingClient::Deadline deadline);

/// Whether anybody takes connections there.
bool listens_at(const std::string& ip, uint16_t port_no, net::BlockingClient::Deadline deadline);

/// To a node of this host, at whichever address of it takes the connection.
NodeProbe visit_local_node(uint16_t port_no, net::BlockingClient::Deadline deadline,
                           tls::Client* tls);

}  // namespace doctor
