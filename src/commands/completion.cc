#include "commands/ask.h"
#include "commands/commands.h"
#include "commands/print.h"

namespace commands {

int completion(const options::Completion& completion) {
  return print(completion.script) ? 0 : fail("completion", cannot_print);
}

}  // namespace commands
