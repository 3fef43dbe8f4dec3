// Converts native results to JavaScript values. Main thread only.
#pragma once

#include <napi.h>

#include "base/failures.h"
#include "base/monitor.h"
#include "jobs/backup.h"
#include "jobs/remove_snapshot.h"
#include "plan/changes.h"
#include "store/inventory.h"
#include "store/lock.h"

namespace cura {

// Returns a Buffer with a copy of the bytes.
Napi::Value Bytes(Napi::Env env, const std::string& bytes);
Napi::Value Number(Napi::Env env, std::uint64_t number);
// An array with an object for each item, which `convert` returns.
template <typename Item, typename ConvertItem>
Napi::Array ArrayOf(Napi::Env env, const std::vector<Item>& items, const ConvertItem& convert) {
  auto array = Napi::Array::New(env, items.size());
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    const Napi::HandleScope scope(env);
    array.Set(i, convert(items[i]));
  }
  return array;
}

Napi::Value TextArray(Napi::Env env, const std::vector<std::string>& texts);
// The digest in hexadecimal, or null if unknown.
Napi::Value DigestText(Napi::Env env, const Digest& digest);
Napi::Error ToError(Napi::Env env, const OsError& error);
// Throws the error in JavaScript, and returns undefined.
Napi::Value Throw(Napi::Env env, const OsError& error);
Napi::Value ToObject(Napi::Env env, Monitor& monitor);
Napi::Value ToObject(Napi::Env env, const Comparison& compared, const Failures& failures);
Napi::Value ToObject(Napi::Env env, const Applied& applied, const Failures& failures);
Napi::Value ToObject(Napi::Env env, const LockAttempt& attempt);
Napi::Value ToObject(Napi::Env env, const StoredDirectory& directory);
Napi::Value ToObject(Napi::Env env, const Removed& removed);
Napi::Value ToObject(Napi::Env env, const sys::Space& space);
Napi::Value ToArray(Napi::Env env, const std::vector<Change>& changes);
Napi::Value ToArray(Napi::Env env, const std::vector<Omission>& omitted);
Napi::Value ToArray(Napi::Env env, const std::vector<FailedSource>& failed);

Napi::Object CountsObject(Napi::Env env, const KindCounts& counts);

// Adds the fields `failures` and `notes`.
void SetFailures(Napi::Env env, const Failures& failures, Napi::Object* object);

// Returns "file", "directory" or "symlink", and `rest` for any other type.
const char* TypeName(Type type, const char* rest);

}  // namespace cura
