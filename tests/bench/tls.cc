// What the TLS of one question to a node costs us, without the network and without what the node
// has to do: certificates that both sides verify, of RSA with 2,048 bits and of P-256.
//
//   bench_tls [QUESTIONS]
//
// Prints milliseconds of this process's time for each: the median, and the middle half.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "bench/server_cost.h"
#include "tls/client.h"
#include "tls/world.h"

namespace {

using tls::world::Issued;
using tls::world::Key;

/// The time of this side alone.
class OwnTime {
 public:
  template <typename Work>
  auto operator()(Work work) {
    const int64_t begun = bench::clock_ns(CLOCK_THREAD_CPUTIME_ID);
    auto result = work();
    spent_ns_ += bench::clock_ns(CLOCK_THREAD_CPUTIME_ID) - begun;
    return result;
  }
  double ms() const { return static_cast<double>(spent_ns_) / 1e6; }

 private:
  int64_t spent_ns_ = 0;
};

/// A handshake, a question and its answer, from the files' stamps to the end.
double ms_of_one(tls::Client& client, const Issued& node, const Issued& authority, int version) {
  OwnTime own;
  tls::world::Server server(node, {version, &authority});
  auto session = own([&] { return *client.begin("web"); });
  own([&] { return session->send("who are you?"), 0; });
  for (std::string bytes = own([&] { return session->take_outgoing(); }); !bytes.empty();
       bytes = own([&] { return session->take_outgoing(); })) {
    const std::string answer = server.answer(bytes);
    own([&] { return session->receive(answer); });
  }
  const std::string told = server.say("node@web");
  own([&] { return session->receive(told); });
  if (session->take_received() != "node@web" || !own([&] { return session->is_for("web"); }))
    std::abort();
  own([&] { return session->close(), session->take_outgoing(); });
  own([&] { return session.reset(), 0; });
  return own.ms();
}

void measure(const char* kind, Key (*make_key)(), int version, unsigned questions) {
  const Issued authority = tls::world::issue("authority", "", nullptr, tls::world::day, make_key());
  const Issued node = tls::world::issue("node", "DNS:web", &authority, tls::world::day, make_key());
  const Issued own = tls::world::issue("own", "DNS:here", &authority, tls::world::day, make_key());
  const tls::world::Folder folder;
  tls::Settings settings;
  settings.authorities_file = folder.write("authority.pem", authority.certificate.get());
  settings.certificate_file = folder.write("own.pem", own.certificate.get());
  settings.key_file = folder.write("own.key", own.key.get());
  tls::Client client(settings);
  std::vector<double> each;
  for (unsigned i = 0; i < questions; ++i)
    each.push_back(ms_of_one(client, node, authority, version));
  std::sort(each.begin(), each.end());
  std::printf("| %s | %s | %.2f (%.2f to %.2f) | %.2f |\n", kind,
              version == TLS1_2_VERSION ? "1.2" : "1.3", each[each.size() / 2],
              each[each.size() / 4], each[each.size() * 3 / 4], each.back());
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned questions = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 200;
  std::printf("| keys | TLS | ms of CPU a question | most |\n|---|---|---|---|\n");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    measure(
        "P-256", [] { return Key(EVP_EC_gen("P-256")); }, version, questions);
    measure(
        "RSA 2048", [] { return Key(EVP_RSA_gen(2048)); }, version, questions);
  }
  return 0;
}
