#include <string>

#include "dist/term_text.h"
#include "net/file.h"
#include "options/help.h"
#include "options/words.h"

namespace options {
namespace {

using Kind = dist::WrittenTerm::Kind;

CLI::Option* add_file(CLI::App& app, const std::string& name, std::string& path,
                      const std::string& help) {
  return app.add_option(name, path, help)->type_name("FILE");
}

std::string text_of(const dist::WrittenTerm& options, const std::string& name) {
  const dist::WrittenTerm* const value = options.find(name);
  return value && value->kind == Kind::text ? value->text : "";
}

int depth_of(const dist::WrittenTerm& options) {
  const dist::WrittenTerm* const value = options.find("depth");
  const bool is_short = value && value->kind == Kind::number && value->text.size() <= 3;
  return is_short && value->text.front() != '-' ? std::stoi(value->text) : tls::Settings().depth;
}

/// OTP up to 25 verifies nothing unless it is told to; from 26 on it cannot without authorities.
tls::Settings settings_of(const dist::WrittenTerm& options) {
  tls::Settings settings;
  settings.certificate_file = text_of(options, "certfile");
  settings.key_file = text_of(options, "keyfile");
  settings.password = text_of(options, "password");
  settings.authorities_file = text_of(options, "cacertfile");
  const dist::WrittenTerm* const verify = options.find("verify");
  settings.verifies = verify ? verify->is_atom("verify_peer") : !settings.authorities_file.empty();
  const dist::WrittenTerm* const server_name = options.find("server_name_indication");
  settings.checks_host = !server_name || !server_name->is_atom("disable");
  settings.depth = depth_of(options);
  return settings;
}

/// What a node would use when it connects to another: `client`.
tls::Settings read_conf(const std::string& path) {
  const std::string option = "--tls-conf";
  const auto text = net::read_file(path);
  if (!text || text->empty())
    refuse(option, "cannot read '" + path + "'" + (text ? "" : ": " + text.error().message));
  const auto term = dist::parse_written_term(*text);
  if (!term) refuse(option, "'" + path + "': " + term.error().message);
  const dist::WrittenTerm* const client = term->find("client");
  if (!client)
    refuse(option,
           "'" + path + "' has no {client, [...]}; it is to be a file for -ssl_dist_optfile");
  tls::Settings settings = settings_of(*client);
  if (settings.verifies && settings.authorities_file.empty())
    refuse(option, "'" + path + "' wants to verify nodes, and has no cacertfile for its client");
  return settings;
}

}  // namespace

void add_tls(CLI::App& app, TlsTexts& texts) {
  add_file(app, "--tls-ca", texts.settings.authorities_file,
           "Ask nodes through TLS, for they use -proto_dist inet_tls, and believe those whose "
           "certificate one of these authorities has signed for their host (PEM)")
      ->envname("PORTOLAN_TLS_CA");
  add_file(app, "--tls-cert", texts.settings.certificate_file,
           "Our own certificate, for nodes that want one (PEM)")
      ->envname("PORTOLAN_TLS_CERT");
  add_file(app, "--tls-key", texts.settings.key_file,
           "Its key, without a password (default: in the certificate's file)")
      ->envname("PORTOLAN_TLS_KEY");
  add_file(app, "--tls-conf", texts.conf_file,
           "All of that as a node has it, from its -ssl_dist_optfile, such as ssl_dist.conf")
      ->envname("PORTOLAN_TLS_CONF");
}

std::optional<tls::Settings> TlsTexts::finish() const {
  const bool has_files = !settings.authorities_file.empty() || !settings.certificate_file.empty() ||
                         !settings.key_file.empty();
  if (!conf_file.empty() && has_files)
    refuse("--tls-conf", "it says all of it: leave out --tls-ca, --tls-cert and --tls-key");
  if (!conf_file.empty()) return read_conf(conf_file);
  if (!has_files) return std::nullopt;
  if (settings.authorities_file.empty())
    refuse(settings.certificate_file.empty() ? "--tls-key" : "--tls-cert",
           "whom to believe is missing: give --tls-ca too, or --tls-conf instead");
  if (!settings.key_file.empty() && settings.certificate_file.empty())
    refuse("--tls-key", "its certificate is missing: give --tls-cert too");
  return settings;
}

}  // namespace options
