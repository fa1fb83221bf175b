#pragma once

#include <string>

#include "net/nonblocking_writer.h"
#include "outputs/ledger.h"
#include "outputs/output.h"
#include "outputs/progress.h"

namespace outputs {

/// Prints a line for each change. A reader that does not read keeps nobody waiting: what does not
/// fit into its pipe now is printed after a later round.
class Printer final : public Output {
 public:
  enum class Form { text, json };

  /// `descriptor` stays the caller's.
  Printer(Form form, int descriptor) : form_(form), writer_(descriptor) {}

  void tell(const discovery::Report& report) override;
  std::string_view name() const override { return "print"; }
  Json progress() const override { return keep(ledger_.untold()); }
  void resume(const discovery::Members& members, const Json& progress) override {
    outputs::resume(ledger_, members, progress);
  }

 private:
  std::string line_of(const discovery::Change& change) const;
  void acknowledge(const discovery::Change& change);
  bool write_rest();
  void say_once(const char* why);

  Form form_;
  net::NonblockingWriter writer_;
  bool has_said_ = false;
  std::string rest_ = {};  // of the line that is being written
  Ledger ledger_ = {};
};

/// `joined node@host 192.0.2.1:40001 via web`.
std::string to_text(const discovery::Change& change);

}  // namespace outputs
