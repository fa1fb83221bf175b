#include "terminal/ask.h"
#include "commands/commands.h"
#include "terminal/print.h"

namespace commands {

int completion(const options::Completion& completion) {
  return print(completion.script) ? 0 : fail("completion", cannot_print);
}

}  // namespace commands
