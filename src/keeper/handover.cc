#include "keeper/handover.h"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>

#include "base/number.h"
#include "keeper/survey.h"

namespace keeper {
namespace {

constexpr size_t fixed_numbers = 4;

/// Nothing: one of the words is no number.
std::optional<std::vector<int>> numbers_of(std::string_view text) {
  std::vector<int> numbers;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    const auto number = base::parse_number<int>(word);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return numbers;
}

}  // namespace

std::string to_text(const Handover& handover) {
  std::vector<int> numbers = {handover.memory, handover.requester, handover.pair.in,
                              handover.pair.out};
  numbers.insert(numbers.end(), handover.inherited.begin(), handover.inherited.end());
  std::string text;
  for (const int number : numbers) text.append(std::to_string(number)).append(1, ' ');
  text.pop_back();
  return text;
}

std::optional<Handover> parse_handover(std::string_view text) {
  const auto numbers = numbers_of(text);
  if (!numbers || numbers->size() < fixed_numbers || numbers->front() < 0) return std::nullopt;
  return Handover{(*numbers)[0],
                  (*numbers)[1],
                  {(*numbers)[2], (*numbers)[3]},
                  {numbers->begin() + fixed_numbers, numbers->end()}};
}

std::optional<Handover> take_handover() {
  const char* const text = std::getenv(handover_variable);
  if (!text) return std::nullopt;
  std::optional<Handover> handover = parse_handover(text);
  unsetenv(handover_variable);
  if (handover) close_at_exec(handover->inherited);
  return handover;
}

void keep_open_across_exec(const std::vector<int>& closed) {
  for (const int number : open_descriptors()) fcntl(number, F_SETFD, 0);
  for (const int number : closed) fcntl(number, F_SETFD, FD_CLOEXEC);
}

void close_at_exec(const std::vector<int>& open) {
  for (const int number : open_besides(open)) fcntl(number, F_SETFD, FD_CLOEXEC);
}

}  // namespace keeper
