#pragma once

#include <string>

#include "mesh/picture.h"

namespace mesh {

/// How many connections are there, in a sentence: `4 nodes, all 6 connections`.
std::string summary_of(const Picture& picture);
/// The summary, and what is wrong, a line each: groups, missing and one-sided connections, nodes of
/// which nothing is known, and where to look first. Ends with a line feed.
std::string describe(const Picture& picture);
/// A line for each node, with a sign for each other one.
std::string to_text(const Matrix& matrix);
/// {"connections":{…},"is_split":…,"groups":[[…]],"missing":[[…]],"unknown":[[…]],"one_sided":[[…]],"nodes":[…]}:
/// of the lists of pairs so many. Of a one-sided one the first says that it is there.
Json to_json(const Picture& picture, size_t pairs_max = Picture::Pairs::first_max);

}  // namespace mesh
