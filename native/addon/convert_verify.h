// Converts the arguments and results of verifications, in the shapes of
// src/native/native-verify.ts. Main thread only.
#pragma once

#include <napi.h>

#include <optional>
#include <vector>

#include "jobs/verify.h"
#include "store/scrub_record.h"
#include "verify/source_check.h"

namespace cura {

// Without the store.
VerifyOptions ToVerifyOptions(const Napi::Object& object);
// Throws the error of a replica that cannot be opened.
HealOptions ToHealOptions(const Napi::Object& object);
SourceCheckOptions ToSourceCheckOptions(const Napi::Object& object);

Napi::Value ToObject(Napi::Env env, const Checked& checked, size_t damages,
                     const Failures& failures);
Napi::Value ToObject(Napi::Env env, const Healed& healed, const Failures& failures);
Napi::Value ToObject(Napi::Env env, const SourceChecked& checked, const Failures& failures);
Napi::Value ToObject(Napi::Env env, const std::optional<ScrubSummary>& summary);
Napi::Value ToArray(Napi::Env env, const std::vector<Damage>& damages);

}  // namespace cura
