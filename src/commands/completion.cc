#include "commands/commands.h"
#include "terminal/ask.h"
#include "terminal/print.h"

namespace commands {

int completion(const options::Completion& completion) {
  return terminal::print(completion.script) ? 0
                                            : terminal::fail("completion", terminal::cannot_print);
}

}  // namespace commands
