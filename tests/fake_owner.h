#pragma once

#include "epmd/registry.h"

/// Owns a registration as a connection would.
class FakeOwner final : public epmd::Owner {
 public:
  FakeOwner() = default;
  explicit FakeOwner(epmd::Registration held) { hold(std::move(held)); }

  void hold(epmd::Registration held) {
    registration = std::move(held);
    if (registration) registration->owner = this;
  }
  bool has_ended() override {
    ++asked;
    return ended;
  }
  void on_unregistered() override {
    ++told;
    registration.reset();
  }

  epmd::Registration registration = {};
  bool ended = false;
  int asked = 0;
  int told = 0;
};
