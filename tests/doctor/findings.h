#pragma once

#include <string>

#include "catch.h"
#include "doctor/check_result.h"

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Whoever reads it at night is to know what it means, and what to do.
inline doctor::CheckResult whole(const doctor::CheckResult& finding) {
  INFO(finding.found);
  CHECK_FALSE(finding.found.empty());
  CHECK(finding.is_broken() == !finding.meaning.empty());
  CHECK(finding.is_broken() == !finding.remedy.empty());
  for (const std::string& text : {finding.found, finding.meaning, finding.remedy}) {
    CHECK_FALSE(has(text, "\n"));
    CHECK_FALSE(text.ends_with('.'));
  }
  return finding;
}
