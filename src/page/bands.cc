#include "page/bands.h"

#include <fmt/core.h>

namespace page {

std::string bands_of(const Ring& ring) {
  std::string text;
  for (const Band& band : ring.bands) {
    const Point from = on_ring(band.from);
    const Point to = on_ring(band.to);
    text +=
        fmt::format("<path class=\"band\" d=\"M{:.1f} {:.1f}A{} {} 0 {} 1 {:.1f} {:.1f}\"/>",
                    from.x, from.y, ring_x, ring_y, band.to - band.from > 0.5 ? 1 : 0, to.x, to.y);
  }
  return text;
}

}  // namespace page
