// Converts the answers of queries to JavaScript values. Main thread only.
#pragma once

#include <napi.h>

#include <vector>

#include "query/entry_list.h"
#include "query/records.h"

namespace cura {

Napi::Value ToArray(Napi::Env env, const std::vector<ListedEntry>& entries);
Napi::Value ToObject(Napi::Env env, const ListedEntry& listed);

}  // namespace cura
