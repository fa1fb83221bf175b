#pragma once

#include "dist/handshake.h"
#include "doctor/check_result.h"
#include "event/loop.h"
#include "net/address.h"
#include "options/options.h"
#include "tls/client.h"

namespace doctor {

/// Proves our cookie to a node that has told who it is, and has it prove the same. A node that has
/// another logs an error. On this host the cookie's user alone gets the proof (docs/TRUST.md).
/// `tls` may be null: without TLS.
CheckResult try_cookie(event::Loop& loop, const options::Doctor& doctor, tls::Client* tls,
                       const net::Address& node, const dist::Challenge& told);

}  // namespace doctor
