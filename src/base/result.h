#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace base {

/// Why the world refused something (bind, connect, parse), in words a person can act on:
/// what was tried, on what, and why it failed.
struct Error {
  std::string message = {};
  /// The system's number for it, if it was the system that refused.
  int number = 0;
};

/// For operations that succeed without a value: Result<Done>.
struct Done {};

/// Either a T or the Error that kept us from having one: a subset of std::expected's interface,
/// which clang 14 does not have. Asking for the value of a failed result is a bug, and asserted.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : outcome_(std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : outcome_(std::move(error)) {}  // NOLINT: implicit on purpose

  explicit operator bool() const { return std::holds_alternative<T>(outcome_); }

  T& operator*() & {
    assert(*this);
    return *std::get_if<T>(&outcome_);
  }
  const T& operator*() const& {
    assert(*this);
    return *std::get_if<T>(&outcome_);
  }
  T&& operator*() && {
    assert(*this);
    return std::move(*std::get_if<T>(&outcome_));
  }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }

  const Error& error() const {
    assert(!*this);
    return *std::get_if<Error>(&outcome_);
  }

 private:
  std::variant<T, Error> outcome_;
};

}  // namespace base
