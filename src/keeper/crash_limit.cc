#include "keeper/crash_limit.h"

namespace keeper {

CrashLimit::Next CrashLimit::note(Time now) {
  if (let_go_ && now - *let_go_ < within) return Next::give_up;
  std::erase_if(crashes_, [now](Time crash) { return now - crash >= within; });
  crashes_.push_back(now);
  if (crashes_.size() < crashes_max) return Next::keep_names;
  crashes_.clear();
  let_go_ = now;
  return Next::let_go;
}

}  // namespace keeper
