#include <sys/prctl.h>

#include "terminal/ask.h"
#include "commands/commands.h"
#include "doctor/here.h"
#include "doctor/walk.h"
#include "terminal/print.h"
#include "epmd/alive_name.h"

namespace commands {
namespace {

std::string to_json(const options::Doctor& doctor, const Steps& steps) {
  output::Json object = {{"node", nullptr}, {"healthy", !steps.broken()}};
  if (!doctor.node.empty()) object["node"] = doctor.node;
  object["steps"] = output::Json::array();
  for (const Step& step : steps.taken()) object["steps"].push_back(to_json(step));
  return output::one_line(object) + '\n';
}

/// What was said of the steps one by one is not said again. That a step could not be printed is
/// known at the end, too: standard output remembers it.
int conclude(const options::Doctor& doctor, const Steps& steps) {
  const std::string about = doctor.node.empty() ? "this host" : epmd::escape_name(doctor.node);
  const bool is_json = doctor.asking.output == options::Output::json;
  const Step* const broken = steps.broken();
  std::string end;
  if (is_json)
    end = to_json(doctor, steps);
  else if (!broken && doctor.node.empty())
    end = "\nNothing is broken here.\n";
  else if (!broken)
    end = "\nNothing is broken on the way to " + about + ".\n";
  const bool is_printed = print(end);
  if (broken)
    return fail("doctor", about + ": " + broken->finding.found +
                              "; what to do stands with the step '" + broken->name + "'");
  return is_printed ? 0 : fail("doctor", cannot_print);
}

}  // namespace

int doctor(const options::Doctor& doctor) {
  prctl(PR_SET_DUMPABLE, 0);  // the cookie is in memory for a moment
  net::Loop loop;
  auto resolver = net::AresResolver::create(loop, doctor.nameservers);
  if (!resolver) return fail("doctor", resolver.error().message);
  Inquiry inquiry(loop, std::move(*resolver), doctor.asking.timeout);
  const bool is_text = doctor.asking.output == options::Output::text;
  Steps steps([is_text](const Step& step) {
    if (is_text) print(to_text(step));
  });
  if (doctor.node.empty())
    DoctorHere(inquiry, doctor, steps).go();
  else
    DoctorWalk(loop, inquiry, doctor, steps).go();
  return conclude(doctor, steps);
}

}  // namespace commands
