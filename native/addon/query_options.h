// Converts the arguments of questions, in the shapes that src/native/native-queries.ts declares.
#pragma once

#include <napi.h>

#include <memory>

#include "query/find.h"

namespace cura {

// Returns null and throws if an option is invalid: 'BAD_PATTERN' for a pattern.
std::shared_ptr<const FindOptions> ToFindOptions(Napi::Env env, const Napi::Object& object);

}  // namespace cura
