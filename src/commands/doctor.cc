#include <sys/prctl.h>

#include <optional>

#include "commands/commands.h"
#include "doctor/here.h"
#include "doctor/walk.h"
#include "epmd/alive_name.h"
#include "terminal/ask.h"
#include "terminal/failure.h"
#include "terminal/print.h"
#include "tls/client.h"

namespace commands {
namespace {

std::string error_of(const std::string& about, const doctor::Step& failed) {
  return about + ": " + failed.result.found + "; what to do stands with the step '" + failed.name +
         "'";
}

std::string to_json(const options::Doctor& doctor, const std::string& about,
                    const doctor::Steps& steps) {
  outputs::Json object = {{"node", nullptr}, {"healthy", !steps.failed()}};
  if (!doctor.node.empty()) object["node"] = doctor.node;
  object["steps"] = outputs::Json::array();
  for (const doctor::Step& step : steps.taken()) object["steps"].push_back(to_json(step));
  if (const doctor::Step* const failed = steps.failed()) {
    object["error"] = error_of(about, *failed);
    object["reason"] = failed->name;
  }
  return outputs::one_line(object) + '\n';
}

/// What was said of the steps one by one is not said again. That a step could not be printed is
/// known at the end, too: standard output remembers it.
int conclude(const options::Doctor& doctor, const doctor::Steps& steps) {
  const std::string about = doctor.node.empty() ? "this host" : epmd::escape_name(doctor.node);
  const bool is_json = doctor.asking.output == options::Output::json;
  const doctor::Step* const failed = steps.failed();
  std::string end;
  if (is_json)
    end = to_json(doctor, about, steps);
  else if (!failed && doctor.node.empty())
    end = "\nNothing is broken here.\n";
  else if (!failed)
    end = "\nNothing is broken on the way to " + about + ".\n";
  const bool is_printed = terminal::print(end);
  if (failed) return terminal::fail("doctor", error_of(about, *failed));
  return terminal::finish("doctor", is_printed);
}

}  // namespace

int doctor(const options::Doctor& doctor) {
  prctl(PR_SET_DUMPABLE, 0);  // the cookie is in memory for a moment
  event::Loop loop;
  auto resolver = probe::Resolver::create(loop, doctor.nameservers);
  if (!resolver)
    return terminal::fail("doctor", doctor.asking.output,
                          {resolver.error().message, "no_resolver"});
  doctor::BlockingDns inquiry(loop, std::move(*resolver), doctor.asking.timeout);
  const bool is_text = doctor.asking.output == options::Output::text;
  doctor::Steps steps([is_text](const doctor::Step& step) {
    if (is_text) terminal::print(doctor::to_text(step));
  });
  std::optional<tls::Client> tls;
  if (doctor.tls) tls.emplace(*doctor.tls);
  tls::Client* const through = tls ? &*tls : nullptr;
  if (doctor.node.empty())
    doctor::DoctorHere(loop, inquiry, doctor, through, steps).go();
  else
    doctor::DoctorWalk(loop, inquiry, doctor, through, steps).go();
  return conclude(doctor, steps);
}

}  // namespace commands
