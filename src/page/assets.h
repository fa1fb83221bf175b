#pragma once

#include <string_view>

/// The files of web/assets, as the build has put them into the program.
namespace page {

extern const std::string_view page_css;
extern const std::string_view page_js;
extern const std::string_view icon_svg;

}  // namespace page
