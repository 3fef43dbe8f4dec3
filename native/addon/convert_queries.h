// Converts the answers of queries to JavaScript values. Main thread only.
#pragma once

#include <napi.h>

#include <vector>

#include "query/entry_list.h"
#include "query/find.h"
#include "query/records.h"
#include "query/space.h"
#include "query/tree_difference.h"
#include "query/versions.h"

namespace cura {

Napi::Value ToArray(Napi::Env env, const std::vector<ListedEntry>& entries);
Napi::Value ToArray(Napi::Env env, const std::vector<Match>& matches);
Napi::Value ToArray(Napi::Env env, const std::vector<PathVersion>& versions);
Napi::Object ToObject(Napi::Env env, const ListedEntry& listed);
// The counts; the caller adds the changes.
Napi::Object ToObject(Napi::Env env, const TreeDifference& difference);
Napi::Value ToObject(Napi::Env env, const Space& space);

}  // namespace cura
