#include "migration/advice.h"

#include "catch.h"

using migration::Advice;
using migration::Host;
using migration::RunningEpmd;
using migration::Where;
using Lines = std::vector<std::string>;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

RunningEpmd started_by_erl() {
  RunningEpmd epmd;
  epmd.process.number = 812;
  epmd.process.name = "epmd";
  epmd.process.program = "epmd";
  epmd.process.program_path = "/usr/lib/erlang/erts-13.1.5/bin/epmd";
  epmd.words = {epmd.process.program_path, "-daemon"};
  epmd.port = 4369;
  return epmd;
}

RunningEpmd of_systemd() {
  RunningEpmd epmd = started_by_erl();
  epmd.words = {"/usr/bin/epmd", "-systemd"};
  epmd.process.unit = "epmd.service";
  epmd.process.has_given_sockets = true;
  return epmd;
}

Host host() {
  Host host;
  host.own_program = "/opt/portolan";
  host.is_root = true;
  return host;
}

Host debian() {
  Host debian = host();
  debian.has_systemd = debian.has_dpkg = true;
  return debian;
}

Lines lines_of(const Advice& advice) {
  Lines lines;
  for (const migration::Step& step : advice.steps)
    lines.insert(lines.end(), step.lines.begin(), step.lines.end());
  return lines;
}

}  // namespace

TEST_CASE("where the package can be, it does all") {
  const Advice advice = advise(debian(), of_systemd());
  CHECK(has(advice.start, "with epmd.socket"));
  CHECK(lines_of(advice) == Lines{"apt-get install ./portolan_*.deb", "portolan-epmd enable"});
  CHECK(advice.way_back == Lines{"portolan-epmd disable"});
  CHECK(advice.notes.empty());
  Host with_package = debian();
  with_package.has_package = true;
  CHECK(lines_of(advise(with_package, started_by_erl())) == Lines{"portolan-epmd enable"});
}

TEST_CASE("an EPMD that cannot be taken over is ended, and it is said what that costs") {
  RunningEpmd epmd = started_by_erl();
  epmd.obstacles = {"raise the limit"};
  const Advice advice = advise(debian(), epmd);
  CHECK(lines_of(advice) ==
        Lines{"apt-get install ./portolan_*.deb", "kill 812", "portolan-epmd enable"});
  REQUIRE(advice.notes.size() == 1);
  CHECK(has(advice.notes.front(), "names end"));
  CHECK(has(advice.notes.front(), "raise the limit"));
  CHECK(lines_of(advise(host(), epmd)).back() == "/opt/portolan serve");
}

TEST_CASE("options that are to become the service's are named") {
  RunningEpmd epmd = of_systemd();
  epmd.words.emplace_back("-relaxed_command_check");
  const Advice advice = advise(debian(), epmd);
  REQUIRE(advice.notes.size() == 1);
  CHECK(has(advice.notes.front(), "/usr/bin/portolan serve --relaxed-command-check`"));
}

TEST_CASE("systemd without dpkg gets the units of the source") {
  Host fedora = host();
  fedora.has_systemd = true;
  const Lines lines = lines_of(advise(fedora, of_systemd()));
  CHECK(lines.front() == "install -m 755 /opt/portolan /usr/local/bin/portolan");
  CHECK(lines.at(2) == "systemctl disable --now epmd.socket epmd.service");
  CHECK(lines_of(advise(fedora, started_by_erl())).at(2) == "kill 812");
}

TEST_CASE("without a service manager there is a link, and a takeover") {
  RunningEpmd epmd = started_by_erl();
  epmd.environment = {"ERL_EPMD_PORT=5000"};
  const Advice advice = advise(host(), epmd);
  CHECK(has(advice.start, "`erl` has started it"));
  CHECK(lines_of(advice) ==
        Lines{"mv /usr/lib/erlang/erts-13.1.5/bin/epmd /usr/lib/erlang/erts-13.1.5/bin/epmd.otp",
              "ln -s /opt/portolan /usr/lib/erlang/erts-13.1.5/bin/epmd",
              "/opt/portolan takeover 812 -- --port 5000"});
  CHECK(advice.way_back == Lines{"mv -f /usr/lib/erlang/erts-13.1.5/bin/epmd.otp "
                                 "/usr/lib/erlang/erts-13.1.5/bin/epmd"});
}

TEST_CASE("a release is told from an installed OTP") {
  RunningEpmd epmd = started_by_erl();
  epmd.is_of_release = true;
  epmd.process.unit = "shop.service";
  CHECK(has(advise(debian(), epmd).start, "a release"));
  CHECK(has(advise(debian(), epmd).start, "in shop.service"));
}

TEST_CASE("an epmd that is beside no emulator is not replaced by a link") {
  RunningEpmd epmd = started_by_erl();
  epmd.process.program_path = "/usr/local/bin/epmd";
  epmd.words = {"epmd", "-daemon"};
  const Advice advice = advise(host(), epmd);
  CHECK(has(advice.start, "somebody"));
  CHECK(lines_of(advice) == Lines{"/opt/portolan takeover 812"});
}

TEST_CASE("in a container its image is changed") {
  Host container = host();
  container.is_container = true;
  container.main.words = {"/bin/sh", "-c", "erl -sname \"web\""};
  RunningEpmd epmd = started_by_erl();
  epmd.obstacles = {"that needs CAP_SYS_PTRACE"};
  epmd.words.emplace_back("-relaxed_command_check");
  const Advice advice = advise(container, epmd);
  REQUIRE(advice.steps.size() == 1);
  CHECK(advice.steps.front().where == Where::dockerfile);
  CHECK(advice.steps.front().lines ==
        Lines{"COPY --from=portolan /bin/portolan /bin/portolan",
              R"(ENTRYPOINT ["/bin/portolan","run","--relaxed-command-check","--"])",
              R"(CMD ["/bin/sh","-c","erl -sname \"web\""])"});
  REQUIRE(advice.notes.size() == 1);
  CHECK(has(advice.notes.front(), "needs the nodes' cookie, in PORTOLAN_COOKIE"));
}

TEST_CASE("where the command of a container cannot be told, it is said") {
  Host container = host();
  container.is_container = true;
  container.main.words = {"/app/erts-13.1.5/bin/beam.smp"};
  const Advice advice = advise(container, started_by_erl());
  CHECK(lines_of(advice).size() == 2);
  CHECK(has(advice.notes.front(), "CMD becomes"));
}

TEST_CASE("Portolan is not replaced by itself") {
  RunningEpmd epmd = started_by_erl();
  epmd.process.program = "portolan";
  const Advice advice = advise(host(), epmd);
  CHECK(advice.steps.empty());
  CHECK(has(advice.start, "Portolan already"));
}

TEST_CASE("who is not root is not told to end what root could take over") {
  RunningEpmd epmd = started_by_erl();
  epmd.obstacles = {"run the takeover as root"};
  Host unprivileged = debian();
  unprivileged.is_root = false;
  const Advice advice = advise(unprivileged, epmd);
  CHECK(advice.steps.empty());
  REQUIRE(advice.notes.size() == 1);
  CHECK(has(advice.notes.front(), "as root"));
}

TEST_CASE("an EPMD that a socket would start again is ended with its socket") {
  RunningEpmd epmd = of_systemd();
  epmd.obstacles = {"raise the limit"};
  CHECK(lines_of(advise(debian(), epmd)).at(1) == "systemctl stop epmd.socket epmd.service");
}
