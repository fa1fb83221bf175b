#pragma once

#include "mesh/picture.h"
#include "status/store.h"
#include "web/metrics.h"

namespace web {

/// What each query leads to. The label is the query as the operator wrote it, of characters that
/// need no escape (discovery::parse_query).
void write_queries(MetricsText& text, const status::Store& store);
/// Who is connected to whom. All are 0 until a picture is drawn.
void write_mesh(MetricsText& text, const mesh::Picture& picture);

}  // namespace web
