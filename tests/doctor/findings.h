#pragma once

#include <string>

#include "catch.h"
#include "doctor/check_result.h"

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Whoever reads it at night is to know what it means, and what to do.
inline doctor::CheckResult whole(const doctor::CheckResult& result) {
  INFO(result.found);
  CHECK_FALSE(result.found.empty());
  CHECK(result.has_failed() == !result.meaning.empty());
  CHECK(result.has_failed() == !result.remedy.empty());
  for (const std::string& text : {result.found, result.meaning, result.remedy}) {
    CHECK_FALSE(has(text, "\n"));
    CHECK_FALSE(text.ends_with('.'));
  }
  return result;
}
