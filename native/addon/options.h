// Arguments from JavaScript as values of ours, in the shapes that src/native/native.ts declares.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plan/difference.h"
#include "scan/selection.h"
#include "store/previous.h"

namespace cura {

// Throws a TypeError, unless something is thrown already.
void Refuse(Napi::Env env, const std::string& what);

// Each of these throws a TypeError for a value of another type, and then its result means nothing:
// nothing may be done where an exception is pending.
std::string Text(const Napi::Value& value);
// One that a system call can take.
std::string Path(const Napi::Value& value);
// A plain name in a directory, never a path.
std::string Name(const Napi::Value& value);
std::vector<std::string> Texts(const Napi::Value& value);
std::vector<std::string> Names(const Napi::Value& value);
// A whole number, as the most of something.
std::uint32_t Limit(const Napi::Value& value);
// The bytes of buffers.
std::vector<std::string> Paths(const Napi::Value& value);
std::string BytesOf(const Napi::Value& buffer);
// An object, or an empty one, which has no fields.
Napi::Object Fields(const Napi::Value& value);
// An empty value, which is of no type, where an exception is pending.
Napi::Value Field(const Napi::Object& object, const char* name);
bool Flag(const Napi::Object& object, const char* name);
std::vector<Napi::Object> ObjectsOf(const Napi::Value& value);

Trust ToTrust(const Napi::Object& object);
std::vector<BaseOption> ToBases(const Napi::Value& value);

// A pattern that means nothing is thrown, and then the result is null.
std::shared_ptr<const Selection> ToSelection(Napi::Env env, const Napi::Object& object);

}  // namespace cura
