#include "doctor/steps.h"

#include <fmt/core.h>

#include <algorithm>

namespace doctor {
namespace {

double milliseconds_of(const Step& step) {
  return std::chrono::duration<double, std::milli>(step.took).count();
}

std::string_view mark_of(const CheckResult& finding) {
  if (finding.is_broken()) return "FAIL";
  return finding.mark == CheckResult::Mark::ok ? "ok" : "--";
}

std::string_view word_of(const CheckResult& finding) {
  if (finding.is_broken()) return "broken";
  return finding.mark == CheckResult::Mark::ok ? "ok" : "unclear";
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
  const CheckResult& finding = step.finding;
  std::string text = fmt::format("{:<4}  {:<11} {:>7.1f} ms  {}\n", mark_of(finding), step.name,
                                 milliseconds_of(step), finding.found);
  if (finding.is_broken())
    text += '\n' + paragraph("      it means:", finding.meaning) +
            paragraph("      to do:", finding.remedy) + '\n';
  return text;
}

outputs::Json to_json(const Step& step) {
  const CheckResult& finding = step.finding;
  outputs::Json object = {{"step", step.name},
                          {"result", word_of(finding)},
                          {"ms", milliseconds_of(step)},
                          {"found", finding.found}};
  if (finding.is_broken()) {
    object["meaning"] = finding.meaning;
    object["remedy"] = finding.remedy;
  }
  return object;
}

bool Steps::take(std::string_view name, const std::function<CheckResult()>& look) {
  const auto begun = std::chrono::steady_clock::now();
  CheckResult finding = look();
  const auto took = std::chrono::steady_clock::now() - begun;
  taken_.push_back({std::string(name), std::move(finding),
                    std::chrono::duration_cast<std::chrono::microseconds>(took)});
  on_taken_(taken_.back());
  return !taken_.back().finding.is_broken();
}

const Step* Steps::broken() const {
  const auto found = std::find_if(taken_.begin(), taken_.end(),
                                  [](const Step& step) { return step.finding.is_broken(); });
  return found == taken_.end() ? nullptr : &*found;
}

}  // namespace doctor
