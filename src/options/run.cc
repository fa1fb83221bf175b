#include "options/help.h"
#include "options/words.h"

namespace options {

void add_command_options(CLI::App& app, Run& run) {
  begin_group(app, "The command");
  app.add_flag("--signal-group", run.is_for_group,
               "Send signals to the command's whole process group, and wait for all of it to end")
      ->envname("PORTOLAN_SIGNAL_GROUP");
  const auto set_timeout = [&run](const std::string& text) {
    run.own_name_timeout = duration_or_refuse("--wait-for-own-name", text);
  };
  app.add_option_function<std::string>("--wait-for-own-name", set_timeout,
                                       "Start the command when the node's host name resolves to "
                                       "this host for others; exit with 1 if it never does")
      ->type_name("D")
      ->envname("PORTOLAN_WAIT_FOR_OWN_NAME");
}

}  // namespace options
