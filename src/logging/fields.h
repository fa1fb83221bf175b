#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace logging {

/// A value of a line, and what it is called in JSON: node, peer, address, port, query, reason.
template <typename T>
struct Field {
  const char* name = "";
  T value = {};
};

/// In the text of a line a field is its value.
template <typename T>
const T& shown(const T& argument) {
  return argument;
}
template <typename T>
const T& shown(const Field<T>& field) {
  return field.value;
}
template <typename T>
using Shown = std::remove_cvref_t<decltype(shown(std::declval<const T&>()))>;

/// What is text is not copied: it must outlive the call that it is an argument of.
template <typename T>
auto field(const char* name, const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>)
    return Field<std::string_view>{name, value};
  else
    return Field<T>{name, value};
}

/// The fields of a line.
class Fields {
 public:
  using Value = std::variant<std::string, int64_t, uint64_t>;

  /// What is no field is nothing to a program.
  template <typename T>
  void take(const T& /*argument*/) {}
  template <typename T>
  void take(const Field<T>& field) {
    static_assert(std::is_integral_v<T> || std::is_same_v<T, std::string_view>);
    if constexpr (std::is_same_v<T, std::string_view>)
      add(field.name, std::string(field.value));
    else if constexpr (std::is_signed_v<T>)
      add(field.name, static_cast<int64_t>(field.value));
    else
      add(field.name, static_cast<uint64_t>(field.value));
  }

  const std::vector<std::pair<const char*, Value>>& all() const { return all_; }

 private:
  /// In one place: each line that is logged would have the growing of the vector in it.
  void add(const char* name, Value value);

  std::vector<std::pair<const char*, Value>> all_ = {};
};

template <typename... Args>
Fields fields_of(const Args&... arguments) {
  Fields fields;
  (fields.take(arguments), ...);
  return fields;
}

}  // namespace logging
