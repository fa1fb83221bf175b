#include "migration/advice.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "migration/epmd_words.h"

namespace migration {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* own_unit = "epmd.service";

std::string joined(const Lines& words) {
  std::string text;
  for (const std::string& word : words) text += ' ' + word;
  return text;
}

Lines options_of(const RunningEpmd& epmd) {
  return options_of_serve(epmd.words, value_of(epmd.environment, "ERL_EPMD_PORT"),
                          value_of(epmd.environment, "ERL_EPMD_ADDRESS"));
}

bool is_beside_an_emulator(const RunningEpmd& epmd) {
  return epmd.process.program_path.find("/erts-") != std::string::npos;
}

/// `erl` starts the epmd beside its emulator by its whole path, and nobody else does.
bool has_an_emulator_started(const RunningEpmd& epmd) {
  return is_beside_an_emulator(epmd) && !epmd.words.empty() && epmd.words.front().starts_with('/');
}

std::string start_of(const Host& host, const RunningEpmd& epmd) {
  const std::string& unit = epmd.process.unit;
  const std::string in = unit.empty() || host.is_container ? "" : ", in " + unit;
  if (epmd.is_to_be_started) return "systemd starts it at the first connection, by a socket unit";
  if (unit == own_unit && epmd.process.has_given_sockets)
    return "systemd starts it at the first connection, as epmd.service with epmd.socket";
  if (unit == own_unit) return "systemd starts it, as epmd.service";
  if (epmd.is_of_release) return "a release has started it, for it has an epmd of its own" + in;
  if (has_an_emulator_started(epmd)) return "`erl` has started it, as no EPMD answered" + in;
  return "somebody has started it, or a script" + in;
}

/// As a Dockerfile wants a command.
std::string list_of(const Lines& words) {
  using Json = nlohmann::json;
  return Json(words).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Advice in_a_container(const Host& host, const RunningEpmd& epmd) {
  Lines run = {"/bin/portolan", "run"};
  for (const std::string& word : options_of(epmd)) run.push_back(word);
  run.emplace_back("--");
  Advice advice;
  Lines lines = {"COPY --from=portolan /bin/portolan /bin/portolan", "ENTRYPOINT " + list_of(run)};
  const Lines command = command_of(host.main);
  if (command.empty())
    advice.notes.emplace_back(
        "CMD becomes what the image has as ENTRYPOINT and CMD now, in one list: what the main "
        "process was started with cannot be seen any more");
  else
    lines.push_back("CMD " + list_of(command));
  advice.steps = {{"At the end of the image's Dockerfile", Where::dockerfile, lines}};
  advice.notes.emplace_back(
      "Portolan is there before the command starts, so that no other epmd starts. With `--discover "
      "ALIAS --push connect` behind `run` it also connects the containers behind a network alias; "
      "for that it needs the nodes' cookie, in PORTOLAN_COOKIE");
  advice.way_back = {"Take these lines out again."};
  return advice;
}

std::string why_names_end(const RunningEpmd& epmd) {
  std::string why =
      "The EPMD that runs cannot be taken over, and its names end with it: nodes from "
      "OTP 24 on register again within seconds, older ones must be restarted";
  for (const std::string& each : epmd.obstacles) why += "; " + each;
  return why;
}

bool is_of_units(const RunningEpmd& epmd) {
  return epmd.is_to_be_started || epmd.process.unit == own_unit;
}

/// Its socket unit would start it again.
std::string end_of(const RunningEpmd& epmd) {
  return is_of_units(epmd) ? "systemctl stop epmd.socket epmd.service"
                           : fmt::format("kill {}", epmd.process.number);
}

const char* purpose_with_package(const RunningEpmd& epmd) {
  if (epmd.is_to_be_started) return "Put Portolan in its place";
  return epmd.obstacles.empty() ? "Take it over, with all its names" : "End it, and start Portolan";
}

Advice with_the_package(const Host& host, const RunningEpmd& epmd) {
  Lines lines;
  if (!host.has_package) lines.emplace_back("apt-get install ./portolan_*.deb");
  if (!epmd.obstacles.empty()) lines.push_back(end_of(epmd));
  lines.emplace_back("portolan-epmd enable");
  Advice advice = {
      {}, {{purpose_with_package(epmd), Where::shell, lines}}, {}, {"portolan-epmd disable"}};
  const Lines options = options_of(epmd);
  if (!options.empty())
    advice.notes.push_back(
        "Its options are to become the service's: `systemctl edit "
        "portolan.service`, with `ExecStart=` and then `ExecStart=/usr/bin/portolan serve" +
        joined(options) + "`; a port is `ListenStream=` in portolan.socket, to be set before");
  return advice;
}

Lines lines_of_units(const Host& host, const RunningEpmd& epmd) {
  Lines lines;
  if (host.own_program != "/usr/local/bin/portolan")
    lines.push_back("install -m 755 " + host.own_program + " /usr/local/bin/portolan");
  lines.emplace_back(
      "install -m 644 docs/systemd/portolan.socket docs/systemd/portolan.service "
      "/etc/systemd/system/");
  if (is_of_units(epmd))
    lines.emplace_back("systemctl disable --now epmd.socket epmd.service");
  else
    lines.push_back(end_of(epmd));
  lines.emplace_back("systemctl daemon-reload");
  lines.emplace_back("systemctl enable portolan.service");
  lines.emplace_back("systemctl enable --now portolan.socket");
  return lines;
}

/// Of the source: where there is no dpkg, there is no package of ours.
Advice with_units(const Host& host, const RunningEpmd& epmd) {
  Advice advice;
  advice.steps = {
      {"In Portolan's source, have systemd start it", Where::shell, lines_of_units(host, epmd)}};
  if (!epmd.is_to_be_started)
    advice.notes.emplace_back(
        "The names of the EPMD that runs end: nodes from OTP 24 on register again within seconds, "
        "older ones must be restarted");
  advice.way_back = {"systemctl disable --now portolan.socket portolan.service"};
  if (is_of_units(epmd)) advice.way_back.emplace_back("systemctl enable --now epmd.socket");
  return advice;
}

Advice with_a_link(const Host& host, const RunningEpmd& epmd) {
  Advice advice;
  const std::string& program = epmd.process.program_path;
  const std::string aside = program + ".otp";
  if (is_beside_an_emulator(epmd)) {
    advice.steps.push_back(
        {"What `erl` starts from now on",
         Where::shell,
         {"mv " + program + ' ' + aside, "ln -s " + host.own_program + ' ' + program}});
    advice.way_back = {"mv -f " + aside + ' ' + program};
  }
  const std::string with = joined(options_of(epmd));
  const std::string takeover = fmt::format("{} takeover {}", host.own_program, epmd.process.number);
  if (epmd.obstacles.empty())
    advice.steps.push_back({"Take it over, with all its names, and serve in the foreground",
                            Where::shell,
                            {with.empty() ? takeover : takeover + " --" + with}});
  else
    advice.steps.push_back({"End it, and serve in the foreground",
                            Where::shell,
                            {end_of(epmd), host.own_program + " serve" + with}});
  return advice;
}

Advice steps_for(const Host& host, const RunningEpmd& epmd) {
  if (host.is_container) return in_a_container(host, epmd);
  if (host.has_systemd && host.has_dpkg) return with_the_package(host, epmd);
  if (host.has_systemd) return with_units(host, epmd);
  return with_a_link(host, epmd);
}

}  // namespace

Advice advise(const Host& host, const RunningEpmd& epmd) {
  const bool is_seen = host.is_container || host.is_root || epmd.obstacles.empty();
  if (epmd.process.program == "portolan") return {"it is Portolan already", {}, {}, {}};
  if (!is_seen)
    return {start_of(host, epmd),
            {},
            {"Run it as root: whether the EPMD can be taken over is not seen"},
            {}};
  Advice advice = steps_for(host, epmd);
  advice.start = start_of(host, epmd);
  if (!host.is_container && !epmd.obstacles.empty()) advice.notes.push_back(why_names_end(epmd));
  return advice;
}

}  // namespace migration
