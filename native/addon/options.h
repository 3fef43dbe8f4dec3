// Converts JavaScript arguments, in the shapes that src/native/native.ts declares, to native
// values.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plan/difference.h"
#include "scan/selection.h"
#include "store/previous.h"

namespace cura {

// Throws a TypeError unless an exception is already pending.
void Refuse(Napi::Env env, const std::string& what);

// Each of these throws a TypeError for a value of another type, and its result is then meaningless.
// Callers must do nothing while an exception is pending.
std::string Text(const Napi::Value& value);
// A string without null bytes, for a system call.
std::string Path(const Napi::Value& value);
// A plain name in a directory, never a path.
std::string Name(const Napi::Value& value);
std::vector<std::string> Texts(const Napi::Value& value);
std::vector<std::string> Names(const Napi::Value& value);
// A whole number, used as an upper limit.
std::uint32_t Limit(const Napi::Value& value);
// A whole number, or nothing for null.
std::optional<std::int64_t> OptionalNumber(const Napi::Object& object, const char* name);
bool Boolean(const Napi::Value& value);
// The bytes of each buffer in an array.
std::vector<std::string> Paths(const Napi::Value& value);
std::string BytesOf(const Napi::Value& buffer);
// The value as an object; an empty object without fields if it is none.
Napi::Object Fields(const Napi::Value& value);
// The field, or an empty value without a type if an exception is pending.
Napi::Value Field(const Napi::Object& object, const char* name);
bool Flag(const Napi::Object& object, const char* name);
std::vector<Napi::Object> ObjectsOf(const Napi::Value& value);

// Throws 'BAD_PATTERN' with the pattern, its list and its line.
void ThrowBadRule(Napi::Env env, const BadRule& bad, std::uint32_t list);

Trust ToTrust(const Napi::Object& object);
std::vector<BaseOption> ToBases(const Napi::Value& value);

// Returns null and throws if a pattern is invalid.
std::shared_ptr<const Selection> ToSelection(Napi::Env env, const Napi::Object& object);

}  // namespace cura
