#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "discovery/interfaces.h"
#include "event/descriptor.h"
#include "event/loop.h"
#include "event/poll.h"
#include "event/timer.h"
#include "event/turn.h"
#include "net/sockets.h"

/// Something that listens on the loop of the test, and does to each client what the test says.
class FakeService {
 public:
  class Client final : public event::Poll::Waiter {
   public:
    Client(FakeService& service, event::Descriptor socket)
        : service_(service),
          socket_(std::move(socket)),
          timer_(service.loop_),
          poll_(std::make_unique<event::Poll>(service.loop_, socket_.get(), *this)) {
      poll_->wait(event::Poll::For::reading);
    }

    void say(const std::string& text) {
      ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    /// However little at a time is taken.
    void say_all(std::string text) {
      const ssize_t count =
          ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count > 0) text.erase(0, static_cast<size_t>(count));
      if (!text.empty())
        timer_.start(std::chrono::milliseconds(1),
                     [this, text = std::move(text)] { say_all(text); });
    }
    void say_for_ever(const std::string& text) {
      say(text);
      timer_.start(std::chrono::milliseconds(1), [this, text] { say_for_ever(text); });
    }
    void say_slowly(const std::string& text) {
      say(text.substr(0, 1));
      if (text.size() > 1)
        timer_.start(std::chrono::milliseconds(1),
                     [this, rest = text.substr(1)] { say_slowly(rest); });
    }
    void close() {
      timer_.stop();
      poll_.reset();
      socket_ = event::Descriptor();
    }
    void on_ready() override {
      std::array<char, 4096> buffer = {};
      const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count > 0) {
        service_.received.append(buffer.data(), static_cast<size_t>(count));
        if (!std::exchange(has_asked_, true)) service_.treat_(*this);
      } else {
        ++service_.ended;
        close();
      }
    }

   private:
    FakeService& service_;
    event::Descriptor socket_;
    event::Timer timer_;
    bool has_asked_ = false;
    std::unique_ptr<event::Poll> poll_;
  };

  /// `treat` is called for each client once it has said something.
  FakeService(event::Loop& loop, std::function<void(Client&)> treat)
      : loop_(loop), treat_(std::move(treat)), listener_(*this) {}

  discovery::Endpoint endpoint() const {
    return {listener_.socket.address.host(), listener_.socket.address.port()};
  }
  /// Whether all clients come to close; turns the loop until then.
  bool waits_for_end(event::Loop& loop) {
    turn_until(loop, [this] { return ended == accepted; });
    return true;
  }

  std::string received = {};
  size_t accepted = 0;
  size_t ended = 0;

 private:
  struct Listener final : event::Poll::Waiter {
    explicit Listener(FakeService& owner)
        : service(owner), poll(owner.loop_, socket.descriptor.get(), *this) {
      poll.wait(event::Poll::For::reading);
    }
    void on_ready() override {
      event::Descriptor client(accept4(socket.descriptor.get(), nullptr, nullptr, SOCK_NONBLOCK));
      if (!client.is_open()) return;
      ++service.accepted;
      service.clients_.emplace_back(service, std::move(client));
    }
    FakeService& service;
    net::ListeningSocket socket = listen_on_loopback();
    event::Poll poll;
  };

  event::Loop& loop_;
  std::function<void(Client&)> treat_;
  std::list<Client> clients_ = {};
  Listener listener_;
};

/// As long as it lives, this process can open no descriptor more.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const event::Descriptor next(fcntl(0, F_DUPFD_CLOEXEC, 0));
    const rlimit none = {static_cast<rlim_t>(next.get()), before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_ = {};
};
