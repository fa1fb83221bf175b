#include "tls/client.h"

#include "catch.h"
#include "tls/world.h"

namespace tls {
namespace {

using world::Issued;

struct Files {
  Issued authority = world::issue("authority", "", nullptr);
  Issued own = world::issue("own", "DNS:here", &authority);
  world::Folder folder = {};
  Settings settings = {folder.path("own.pem"), folder.path("own.key"), "",
                       folder.path("authority.pem")};

  void write(const Issued& issued) const {
    folder.write("own.pem", issued.certificate.get());
    folder.write("own.key", issued.key.get());
  }
  void write_all() const {
    write(own);
    folder.write("authority.pem", authority.certificate.get());
  }
};

std::string error_of(const Settings& settings) {
  const auto context = Context::create(settings);
  return context ? "" : context.error().message;
}

TEST_CASE("an error says which file cannot be used, and why") {
  const Files files;
  CHECK(error_of(files.settings) == "cannot use the certificate of TLS in '" +
                                        files.folder.path("own.pem") +
                                        "': No such file or directory");
  files.write_all();
  CHECK(error_of(files.settings).empty());
  files.folder.write("own.key", files.authority.key.get());
  CHECK(error_of(files.settings).find("own.key': key values mismatch") != std::string::npos);
  files.folder.write("own.key", std::string("nothing"));
  CHECK(error_of(files.settings).find("cannot use the key of TLS in") == 0);
  files.folder.write("own.key", files.own.key.get());
  files.folder.write("authority.pem", std::string("nothing"));
  CHECK(error_of(files.settings).find("cannot use the authorities of TLS in") == 0);
}

TEST_CASE("a key with a password is read with it, and never asked for") {
  const Files files;
  files.write_all();
  files.folder.write("own.key", files.own.key.get(), "secret");
  CHECK_FALSE(error_of(files.settings).empty());
  Settings settings = files.settings;
  settings.password = "wrong";
  CHECK_FALSE(error_of(settings).empty());
  settings.password = "secret";
  CHECK(error_of(settings).empty());
}

TEST_CASE("a key may be in the certificate's file") {
  const Files files;
  files.write_all();
  Settings settings = files.settings;
  settings.key_file.clear();
  CHECK_FALSE(error_of(settings).empty());
  std::ifstream key(files.folder.path("own.key"));
  std::ofstream(files.folder.path("own.pem"), std::ios::app) << key.rdbuf();
  CHECK(error_of(settings).empty());
}

TEST_CASE("files are read as soon as they are there, and again when they change") {
  const Files files;
  std::vector<std::string> troubles;
  Client client(files.settings, [&](const std::string& why) { troubles.push_back(why); });
  CHECK_FALSE(client.begin("web"));
  CHECK_FALSE(client.begin("web"));
  CHECK(troubles.size() == 1);
  files.write_all();
  CHECK(client.begin("web"));
  // One of the two that belong together has come.
  const Issued renewed = world::issue("own", "DNS:here", &files.authority);
  files.folder.write("own.pem.new", renewed.certificate.get());
  std::filesystem::rename(files.folder.path("own.pem.new"), files.folder.path("own.pem"));
  CHECK(client.begin("web"));
  CHECK(client.begin("web"));
  CHECK(troubles.size() == 2);
  files.write(renewed);
  const auto session = client.begin("web");
  REQUIRE(session);
  CHECK(troubles.size() == 2);
  const Issued node = world::issue("node", "DNS:web", &files.authority);
  world::Server server(node, {TLS1_3_VERSION, &files.authority});
  talk(**session, server);
  CHECK(server.has_certificate());
  const auto read = client.times_read();
  CHECK(client.times_read() == read);
  std::filesystem::remove(files.folder.path("own.pem"));
  CHECK(client.times_read() == read + 1);
  CHECK(client.begin("web"));
  CHECK(troubles.size() == 3);
}

}  // namespace
}  // namespace tls
