#include "doctor/steps.h"

#include <fmt/core.h>

#include <algorithm>

namespace doctor {
namespace {

double milliseconds_of(const Step& step) {
  return std::chrono::duration<double, std::milli>(step.took).count();
}

std::string_view mark_of(const CheckResult& result) {
  if (result.has_failed()) return "FAIL";
  return result.mark == CheckResult::Mark::ok ? "ok" : "--";
}

std::string_view word_of(const CheckResult& result) {
  if (result.has_failed()) return "failed";
  return result.mark == CheckResult::Mark::ok ? "ok" : "unknown";
}

/// A paragraph behind a word, in lines that a terminal of 100 columns has room for.
std::string paragraph(std::string_view word, std::string_view text) {
  constexpr size_t columns = 80;
  constexpr size_t indent = 16;
  std::string lines = fmt::format("{:<{}}", word, indent);
  while (text.size() > columns) {
    const size_t blank = text.rfind(' ', columns);
    if (blank == std::string_view::npos) break;
    lines.append(text.substr(0, blank)).append("\n").append(indent, ' ');
    text.remove_prefix(blank + 1);
  }
  return lines.append(text).append("\n");
}

}  // namespace

std::string to_text(const Step& step) {
  const CheckResult& result = step.result;
  std::string text = fmt::format("{:<4}  {:<11} {:>7.1f} ms  {}\n", mark_of(result), step.name,
                                 milliseconds_of(step), result.found);
  if (result.has_failed())
    text += '\n' + paragraph("      it means:", result.meaning) +
            paragraph("      to do:", result.remedy) + '\n';
  return text;
}

outputs::Json to_json(const Step& step) {
  const CheckResult& result = step.result;
  outputs::Json object = {{"step", step.name},
                          {"result", word_of(result)},
                          {"ms", milliseconds_of(step)},
                          {"found", result.found}};
  if (result.has_failed()) {
    object["meaning"] = result.meaning;
    object["remedy"] = result.remedy;
  }
  return object;
}

bool Steps::take(std::string_view name, const std::function<CheckResult()>& look) {
  const auto begun = std::chrono::steady_clock::now();
  CheckResult result = look();
  const auto took = std::chrono::steady_clock::now() - begun;
  taken_.push_back({std::string(name), std::move(result),
                    std::chrono::duration_cast<std::chrono::microseconds>(took)});
  on_taken_(taken_.back());
  return !taken_.back().result.has_failed();
}

const Step* Steps::failed() const {
  const auto found = std::find_if(taken_.begin(), taken_.end(),
                                  [](const Step& step) { return step.result.has_failed(); });
  return found == taken_.end() ? nullptr : &*found;
}

}  // namespace doctor
