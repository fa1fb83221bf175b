#include "options/words.h"

namespace options {

void add_command_options(CLI::App& app, Run& run) {
  app.add_flag("--signal-group", run.is_for_group,
               "Send signals to the command's whole process group, and wait for all of it to end")
      ->envname("PORTOLAN_SIGNAL_GROUP");
}

}  // namespace options
