// `portolan doctor --migrate`.

#include <fmt/core.h>

#include <string>
#include <vector>

#include "commands/commands.h"
#include "migration/advice.h"
#include "outputs/member_json.h"
#include "terminal/failure.h"
#include "terminal/print.h"

namespace commands {
namespace {

std::string described(const migration::RunningEpmd& epmd) {
  if (epmd.is_to_be_started) return fmt::format("No EPMD runs yet at port {}", epmd.port);
  const std::string& path = epmd.process.program_path;
  const std::string& program = path.empty() ? epmd.process.name : path;
  return fmt::format("Process {} ({}) of user {} is the EPMD at port {}", epmd.process.number,
                     program, epmd.process.user, epmd.port);
}

std::string indented(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "    " + line + '\n';
  return text;
}

std::string to_text(const migration::RunningEpmd& epmd, const migration::Advice& advice) {
  std::string text = fmt::format("{}: {}.\n", described(epmd), advice.start);
  for (const migration::Step& step : advice.steps)
    text += '\n' + step.purpose + ":\n" + indented(step.lines);
  for (const std::string& note : advice.notes) text += '\n' + note + ".\n";
  if (!advice.way_back.empty()) text += "\nTo go back:\n" + indented(advice.way_back);
  return text;
}

outputs::Json to_json(const migration::RunningEpmd& epmd, const migration::Advice& advice) {
  outputs::Json object = {{"process", epmd.process.number}, {"program", epmd.process.program_path},
                          {"user", epmd.process.user},      {"port", epmd.port},
                          {"start", advice.start},          {"steps", outputs::Json::array()},
                          {"notes", advice.notes},          {"way_back", advice.way_back}};
  for (const migration::Step& step : advice.steps)
    object["steps"].push_back(
        {{"purpose", step.purpose},
         {"where", step.where == migration::Where::shell ? "shell" : "dockerfile"},
         {"lines", step.lines}});
  return object;
}

}  // namespace

int migrate(const options::Doctor& doctor) {
  const migration::Host host = migration::look_at_host();
  const migration::RunningEpmd epmd = migration::look_at_epmd(doctor.port, host);
  if (epmd.process.number == 0 && !epmd.is_to_be_started)
    return terminal::fail("doctor", doctor.asking.output, {epmd.obstacles.front(), "no_epmd"});
  const migration::Advice advice = migration::advise(host, epmd);
  const bool is_json = doctor.asking.output == options::Output::json;
  return terminal::finish("doctor",
                          terminal::print(is_json ? outputs::one_line(to_json(epmd, advice)) + '\n'
                                                  : to_text(epmd, advice)));
}

}  // namespace commands
