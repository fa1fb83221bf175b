#include "push/atom_budget.h"

#include "logging/log.h"

namespace push {

bool AtomBudget::add(const std::string& name) {
  if (!may_add(name)) return false;
  names_.insert(name);
  return true;
}

bool AtomBudget::may_add(const std::string& name) {
  if (names_.size() < names_max || names_.contains(name)) return true;
  if (!std::exchange(is_enough_, true))
    logging::error("atoms_exhausted",
                   "{} has been told of {} different nodes, and is told of no new ones until it is "
                   "started anew; does a query lead to somebody else's hosts?",
                   logging::field("node", node_), names_max);
  return false;
}

}  // namespace push
