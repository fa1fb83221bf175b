#pragma once

namespace web {

/// This process as the kernel sees it; 0 is what it would not tell, as without a descriptor to ask.
struct ProcessMetrics {
  double cpu_seconds = 0;
  double started = 0;  // seconds since 1970
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double descriptors = 0;
  double descriptors_max = 0;
};

/// To be called early, while there are descriptors to look with.
void note_start();
ProcessMetrics process_metrics();

}  // namespace web
