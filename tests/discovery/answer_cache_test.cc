#include "discovery/answer_cache.h"

#include "catch.h"

using discovery::AnswerCache;
using discovery::Endpoint;
using discovery::NamesAnswer;

namespace {

Endpoint at(unsigned number) { return {"10.0.0." + std::to_string(number), 4369}; }

NamesAnswer listing(size_t count, const std::string& name = "n") {
  NamesAnswer answer = {NamesAnswer::Outcome::listed};
  for (size_t i = 0; i < count; ++i) answer.names.push_back({name + std::to_string(i), 4000});
  return answer;
}

}  // namespace

TEST_CASE("an answer is another one if it is the first, or differs") {
  AnswerCache answers;
  CHECK(answers.learn(at(1), listing(2)));
  CHECK_FALSE(answers.learn(at(1), listing(2)));
  CHECK(answers.learn(at(1), listing(3)));
  CHECK(answers.learn(at(1), {NamesAnswer::Outcome::silent}));
  CHECK(answers.changes() == 3);
  CHECK(answers.find(at(1))->outcome == NamesAnswer::Outcome::silent);
  CHECK(answers.find(at(2)) == nullptr);
}

TEST_CASE("no more names are remembered than there is room for, and room comes back") {
  AnswerCache answers;
  CHECK(answers.learn(at(1), listing(AnswerCache::names_max - 10)));
  CHECK(answers.learn(at(2), listing(11)));
  CHECK_FALSE(answers.contains(at(2)));
  CHECK(answers.learn(at(2), listing(10)));
  CHECK(answers.contains(at(2)));
  CHECK(answers.learn(at(2), listing(11)));
  CHECK_FALSE(answers.contains(at(2)));
  answers.keep([](const Endpoint& each) { return each != at(1); });
  CHECK(answers.learn(at(2), listing(AnswerCache::names_max)));
  CHECK(answers.contains(at(2)));
  answers.clear();
  CHECK(answers.size() == 0);
  CHECK(answers.learn(at(1), listing(AnswerCache::names_max)));
  CHECK(answers.contains(at(1)));
}

TEST_CASE("turns go round, whoever comes and goes") {
  AnswerCache answers;
  CHECK(answers.next(3).empty());
  for (const unsigned number : {1U, 2U, 3U, 4U}) answers.learn(at(number), listing(1));
  CHECK(answers.next(3) == std::vector<Endpoint>{at(1), at(2), at(3)});
  CHECK(answers.next(3) == std::vector<Endpoint>{at(4), at(1), at(2)});
  answers.keep([](const Endpoint& each) { return each != at(3); });
  CHECK(answers.next(1) == std::vector<Endpoint>{at(4)});
  CHECK(answers.next(9).size() == 3);
}

TEST_CASE("what is at an address is found, at each port") {
  AnswerCache answers;
  for (const auto& [ip, port] :
       {std::pair{"10.0.0.1", 4369}, std::pair{"10.0.0.1", 5000}, std::pair{"10.0.0.11", 4369}})
    answers.learn({ip, static_cast<uint16_t>(port)}, listing(1));
  CHECK(answers.at("10.0.0.1").size() == 2);
  CHECK(answers.at("10.0.0.2").empty());
}
