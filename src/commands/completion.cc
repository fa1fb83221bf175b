#include "commands/commands.h"
#include "terminal/print.h"

namespace commands {

int completion(const options::Completion& completion) {
  return terminal::finish("completion", terminal::print(completion.script));
}

}  // namespace commands
