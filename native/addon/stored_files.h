// Single files of a store and its snapshots, for JavaScript.
#pragma once

#include <napi.h>

#include <string>

#include "addon/convert.h"
#include "addon/options.h"
#include "store/replace_file.h"
#include "store/store.h"

namespace cura {

inline Napi::Value ReadStored(const Store& store, const Napi::CallbackInfo& info) {
  const std::string snapshot = Name(info[0]);
  const std::string path = BytesOf(info[1]);
  const std::uint32_t limit = Limit(info[2]);
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  auto read = store.ReadBelow(snapshot, path, limit);
  if (!read.ok()) return Throw(info.Env(), read.error());
  return read.value() ? Bytes(info.Env(), *read.value()) : info.Env().Null();
}

// Returns a descriptor that the caller closes.
inline Napi::Value OpenStored(const Store& store, const Napi::CallbackInfo& info) {
  const std::string snapshot = Name(info[0]);
  const std::string path = BytesOf(info[1]);
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  auto file = store.OpenBelow(snapshot, path);
  if (!file.ok()) return Throw(info.Env(), file.error());
  return Napi::Number::New(info.Env(), file.value().Release());
}

// Returns null if there are no records.
inline Napi::Value ReadStateOf(const Store& store, const Napi::CallbackInfo& info) {
  const std::uint32_t limit = Limit(info[0]);
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  auto read = ReadFileIn(store.fd(), kStateName, limit);
  if (!read.ok()) return Throw(info.Env(), read.error());
  if (!read.value()) return info.Env().Null();
  return Napi::String::New(info.Env(), *read.value());
}

inline Napi::Value WriteStateOf(const Store& store, const Napi::CallbackInfo& info) {
  const std::string text = Text(info[0]);
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  const auto error = ReplaceFile(store.fd(), kStateName, text);
  return error ? Throw(info.Env(), *error) : info.Env().Undefined();
}

}  // namespace cura
