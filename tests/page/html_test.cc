#include "page/html.h"

#include "catch.h"

TEST_CASE("nothing in a text is markup any more") {
  CHECK(page::escape_html("<a href=\"x\">'&'</a>") ==
        "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  CHECK(page::escape_html("zwölf") == "zwölf");
}
