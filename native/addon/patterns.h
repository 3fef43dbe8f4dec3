// Patterns as functions for JavaScript.
#pragma once

#include <napi.h>

#include <string>

#include "addon/options.h"
#include "scan/glob.h"

namespace cura {

// Whether a pattern matches a name; false if the pattern is invalid.
inline Napi::Value GlobMatches(const Napi::CallbackInfo& info) {
  const std::string pattern = Text(info[0]);
  const std::string name = Text(info[1]);
  if (!info[2].IsBoolean()) Refuse(info.Env(), "expected a boolean");
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  Glob glob;
  const bool is_valid = glob.Parse(pattern, info[2].As<Napi::Boolean>().Value()) == nullptr;
  return Napi::Boolean::New(info.Env(), is_valid && glob.Matches(name));
}

}  // namespace cura
