// Arguments from JavaScript as values of ours, in the shapes that src/native.ts declares.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "compare.h"
#include "previous.h"
#include "selection.h"

namespace cura {

std::string Text(const Napi::Value& value);
std::vector<std::string> Texts(const Napi::Value& value);
// The bytes of buffers.
std::vector<std::string> Paths(const Napi::Value& value);
std::string BytesOf(const Napi::Value& buffer);

Belief ToBelief(const Napi::Object& object);
std::vector<BaseOption> ToBases(const Napi::Value& value);

// A pattern that means nothing is thrown, and then the result is null.
std::shared_ptr<const SelectionOptions> ToSelection(Napi::Env env, const Napi::Object& object);

}  // namespace cura
