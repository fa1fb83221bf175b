#include "status/words.h"

namespace status {

const char* name_of(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::registered: return "registered";
    case Event::Kind::unregistered: return "unregistered";
    case Event::Kind::joined: return "joined";
    case Event::Kind::left: return "left";
    case Event::Kind::changed: return "changed";
  }
  return "";
}

std::string_view why_no_epmd(discovery::NamesAnswer::Outcome outcome) {
  using Outcome = discovery::NamesAnswer::Outcome;
  switch (outcome) {
    case Outcome::listed: return "";
    case Outcome::refused: return "nothing listens there";
    case Outcome::silent: return "no answer";
    case Outcome::nonsense: return "no EPMD";
  }
  return "";
}

}  // namespace status
