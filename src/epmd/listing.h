#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "epmd/registry.h"

namespace epmd {

/// A text that several connections may be sending at once; the last to let go of it frees it.
using SharedText = std::shared_ptr<const std::string>;

/// What NAMES_REQ and DUMP_REQ are answered with. The NAMES_RESP is rendered once per change of
/// the registry, however many ask for it. The registry must outlive the listing.
/// A text counts as long as anybody holds it, once, and all of them stay within a bound.
class Listing {
 public:
  static constexpr size_t bytes_max_default = size_t{256} << 20;

  /// `epmd_port_no` is the port as it was configured, which the reference reports even when it
  /// listens elsewhere. `bytes_max` bounds the texts that are held.
  Listing(const Registry& registry, uint32_t epmd_port_no, size_t bytes_max = bytes_max_default)
      : registry_(registry), epmd_port_no_(epmd_port_no), bytes_max_(bytes_max) {}

  /// EPMDPortNo, then a NodeInfo line for each name, newest first. Null: there is no memory for it.
  SharedText names_resp();
  /// EPMDPortNo, then each name, newest first, then the history, oldest first; each line ends in
  /// LF and NUL. Null: there is no memory for it.
  SharedText dump_resp();

  /// Another text, which counts among them. Null: there is no room for it.
  SharedText hold(std::string text);

  /// Of all texts that somebody holds.
  size_t bytes_held() const { return *bytes_held_; }
  /// `make_room` is called when a text would not fit. It has holders of texts let go of them until
  /// `fits` is true, or none is left.
  void on_full(std::function<void(const std::function<bool()>& fits)> make_room) {
    make_room_ = std::move(make_room);
  }

 private:
  bool has_room(size_t bytes) const;
  bool begin(std::string& text, size_t lines, size_t name_bytes) const;
  SharedText share(std::string text) const;

  const Registry& registry_;
  uint32_t epmd_port_no_;
  size_t bytes_max_;
  std::function<void(const std::function<bool()>& fits)> make_room_ = {};
  /// Shared with the texts, which may outlive the listing.
  std::shared_ptr<size_t> bytes_held_ = std::make_shared<size_t>(0);
  SharedText names_resp_ = {};
  uint64_t names_revision_ = 0;
};

}  // namespace epmd
