#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "epmd/registry.h"
#include "http/outgoing.h"

namespace web {

/// The names that are registered here as the elements of a JSON list, newest first, in blocks.
/// When a name comes or goes only its block is rendered anew, so a request costs as much as has
/// changed since the one before, and answers to several readers share their texts.
class NamesText {
 public:
  /// `registry` outlives it.
  explicit NamesText(const epmd::Registry& registry);

  /// To be told of every name that is registered or unregistered from then on.
  void add(const std::string& alive_name);
  void remove(const std::string& alive_name);

  /// Renders some blocks of those that have changed: some 100 µs. False: there are more.
  bool render();
  /// Once render() has returned true, and as long as no name comes or goes.
  const http::SharedTexts& texts() const { return texts_; }

 private:
  struct Block {
    std::vector<const std::string*> names = {};  // keys of places_, oldest first
    http::SharedText text = {};                  // null: to be rendered
  };
  using Blocks = std::list<Block>;

  http::SharedText render(const Block& block) const;
  void put_together();

  const epmd::Registry& registry_;
  Blocks blocks_ = {};  // newest first
  std::unordered_map<std::string, Blocks::iterator> places_ = {};
  http::SharedTexts texts_ = {};
  bool is_whole_ = false;
};

}  // namespace web
