#pragma once

#include <string>
#include <string_view>

namespace page {

/// As text or the value of an attribute in HTML and SVG: nothing in it is markup any more.
std::string escape_html(std::string_view text);

}  // namespace page
