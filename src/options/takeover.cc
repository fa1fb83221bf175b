#include <memory>

#include "base/number.h"
#include "options/words.h"

namespace options {

void add_takeover(CLI::App& portolan, Command& chosen) {
  auto takeover = std::make_shared<Takeover>();
  CLI::App& app =
      *portolan.add_subcommand("takeover",
                               "Go on in place of a running EPMD, with its names and connections: "
                               "`takeover [OPTIONS] [PID] [-- OPTIONS-OF-SERVE]`");
  const auto set_process = [takeover](const std::string& text) {
    takeover->process = base::parse_number<pid_t>(text).value_or(0);
    if (takeover->process < 1)
      refuse("PID", "'" + text + "' is no process; write its number, as `ps` shows it");
  };
  app.add_option_function<std::string>("pid", set_process,
                                       "The EPMD's process (default: who listens on --port)")
      ->type_name("PID");
  app.add_flag("--dry-run", takeover->is_dry_run,
               "Only say what would be taken over, or what stands in the way");
  app.add_flag("--without-socket-unit", takeover->is_without_socket_unit,
               "With --dry-run: as if systemd's socket unit for the port was stopped");
  add_port(app, takeover->port, "Port of the EPMD, if no process is named (default 4369)");
  app.footer(
      "Examples:\n  portolan takeover --dry-run\n"
      "  portolan takeover 812");
  app.callback([takeover, &chosen] {
    if (takeover->is_without_socket_unit && !takeover->is_dry_run)
      refuse("--without-socket-unit",
             "it is for --dry-run; stop the socket unit before a takeover");
    chosen = *takeover;
  });
}

}  // namespace options
