// Converts the options and the results of a restore. Main thread only.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "jobs/restore.h"

namespace cura {

// Everything but the store and the selection. Throws a TypeError for values of another type.
RestoreOptions ToRestoreOptions(const Napi::Object& object);

Napi::Value ToObject(Napi::Env env, const RestorePlan& plan, const std::string& rebuilt,
                     const Failures& failures);
Napi::Value ToObject(Napi::Env env, const Restored& restored, const Failures& failures);
Napi::Value ToArray(Napi::Env env, const std::vector<RestoreChange>& changes);

}  // namespace cura
