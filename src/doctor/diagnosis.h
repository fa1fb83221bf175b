#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/interfaces.h"
#include "doctor/check_result.h"
#include "epmd/names.h"
#include "net/address.h"

/// What `check` and `doctor` make of the answers that they get on the way to a node. Without
/// effects: what is asked, and of whom, is in node_probe.h. A place is "ADDRESS:PORT".
namespace doctor {

/// Whose side something is on decides who has to mend it.
enum class Side { local, remote };

/// How a connection came about, or did not.
struct ConnectResult {
  enum class Outcome { made, refused, unreachable, silent };
  Outcome outcome = Outcome::made;
  std::string system = {};  // if unreachable, the system's words
};
/// From the number that the system gave for it, 0 if it was made.
ConnectResult connect_result_of(int error_number);

/// What an EPMD answered to NAMES_REQ.
struct EpmdAnswer {
  enum class Outcome {
    listed,
    not_reached,  // see contact
    silent,
    closed,    // without a word
    nonsense,  // as no EPMD does
  };
  Outcome outcome = Outcome::silent;
  ConnectResult connected = {};
  std::vector<epmd::ListedName> names = {};
  size_t unreadable = 0;  // lines
};

CheckResult judge_epmd(const std::string& place, const EpmdAnswer& answer, Side side);
/// Whether one of the names is `alive_name`.
CheckResult judge_listing(const std::string& place, std::string_view alive_name,
                          const std::vector<epmd::ListedName>& names);
/// Who says that a node is at a port.
enum class PortSource { epmd, user };
/// Whether the port takes connections.
CheckResult judge_port(const std::string& place, const ConnectResult& connected,
                       PortSource source = PortSource::epmd);
/// Whether a node answers there.
CheckResult judge_handshake(const std::string& place,
                            const discovery::Identification& identification);
/// Whether the name that a node tells is the one that it is known by: `asked` may be a node name,
/// or an alive name alone.
CheckResult judge_true_name(std::string_view asked, const std::string& told);

/// Whether one node alone has the name; `places` are where nodes were found that tell it.
CheckResult judge_one_name(std::string_view name, const std::vector<std::string>& places);

/// What came of a visit to a node of this host.
struct NodeProbe {
  std::string place = {};
  ConnectResult connected = {};
  discovery::Identification identification = {};
  /// Whose process it is; nothing: that is not known.
  std::optional<uid_t> user = {};
  /// Nothing: it took no connection.
  std::optional<net::Address> address = {};
};
/// The first thing that is wrong with it, or that all is well.
CheckResult judge_visit(const std::string& asked, const NodeProbe& node_probe,
                        PortSource source = PortSource::epmd);
/// The same, once a cookie is known that belongs to `owner`: --push goes to its nodes only.
CheckResult judge_user(CheckResult result, const NodeProbe& node_probe, uid_t owner);

}  // namespace doctor
