#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "epmd/event_sink.h"
#include "epmd/registry.h"
#include "epmd/session.h"
#include "event/loop.h"
#include "event/signal.h"
#include "keeper/journal.h"
#include "keeper/recovery.h"
#include "net/listening.h"
#include "server/server.h"

namespace service {

/// The daemon, whichever face started it: builds every part, owns it, and runs the loop.
class EpmdDaemon {
 public:
  struct Settings {
    /// What NAMES reports as EPMD's port.
    uint32_t epmd_port_no = 0;
    bool relaxed_command_check = false;
    size_t history_length = epmd::Registry::history_length;
    std::chrono::seconds delay_write = {};
    /// Of names and their extra fields, and of texts that are being sent.
    size_t registrations_bytes_max = epmd::Registry::Room{}.bytes_max;
    size_t texts_bytes_max = epmd::Listing::bytes_max_default;
    size_t reserve_bytes = size_t{4} << 20;
    server::Server::Policy policy = {};

    /// Has all that may be held stay within what memory is left to the process, if that is limited
    /// (docs/OPERATING.md, "Limits: descriptors and memory").
    void fit_into(std::optional<size_t> memory_left);
  };

  /// All outlive the daemon. Names are written to the journal; null: they are not.
  EpmdDaemon(event::Loop& loop, epmd::EventSink& event_sink, const Settings& settings,
             std::vector<net::ListeningSocket> sockets, keeper::Journal* journal = nullptr);

  /// Called when another host, at this address, says that a node has come or gone there.
  void on_news(const std::function<void(const std::string& ip)>& call_back);
  /// Renders what a MESH_REQ is answered with, until it is given null.
  void answer_mesh(std::function<std::string()> render) { service_.mesh = std::move(render); }
  /// Goes on with what a crashed daemon has left in the journal. To be called once, before run().
  void recover(const keeper::Survivors& survivors);

  /// Until a KILL_REQ is obeyed, which returns 0, or a SIGTERM or SIGINT comes, which is returned.
  int run();
  /// Called in place of that, with the signal's number, or 0 for a KILL_REQ.
  void on_asked_to_end(std::function<void(int signal_number)> call_back) {
    on_asked_to_end_ = std::move(call_back);
  }
  /// Called at the first of these, before anything comes of it.
  void on_ending(std::function<void()> call_back) { on_ending_ = std::move(call_back); }
  /// Makes run() return the signal's number, or 0.
  void end(int signal_number = 0);

  size_t connections() const { return server_.connections(); }

  const epmd::Registry& registry() const { return registry_; }
  /// Called after a name has come or gone, until it is given another function, or none. It must
  /// not change the registry.
  void on_names_changed(std::function<void()> call_back) {
    notifier_.call_back = std::move(call_back);
  }

 private:
  void ask_to_end(int signal_number);

  /// Passes everything on, writes down each name that has come or gone, and says so.
  struct NameChangeNotifier final : epmd::EventSink {
    NameChangeNotifier(epmd::EventSink& event_sink, keeper::Journal* kept_in)
        : next(event_sink), journal(kept_in) {}
    void record(const epmd::Event& event) override;
    void write_down(const epmd::Event& event);
    epmd::EventSink& next;
    keeper::Journal* journal;
    bool has_told_full = false;
    std::function<void()> call_back = {};
  };

  event::Loop& loop_;
  keeper::Journal* journal_;
  NameChangeNotifier notifier_;
  epmd::Registry registry_;
  epmd::Listing listing_;
  epmd::Service service_;
  server::Server server_;
  std::function<void(int)> on_asked_to_end_ = {};
  std::function<void()> on_ending_ = {};
  int ending_signal_ = 0;
  event::Signal on_terminate_;
  event::Signal on_interrupt_;
};

}  // namespace service
