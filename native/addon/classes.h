// The classes of the addon, for each JavaScript environment.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/options.h"
#include "addon/pipelines.h"
#include "tree/job_context.h"

namespace cura {

// The state of one JavaScript environment: the classes whose objects it receives but never
// constructs, and the resources that all its jobs share.
struct Classes {
  const std::shared_ptr<Resources> resources = std::make_shared<Resources>();
  Napi::FunctionReference sources;
  Napi::FunctionReference selection;
  Napi::FunctionReference snapshot;
  Napi::FunctionReference external_fill;
  Napi::FunctionReference store;
  Napi::FunctionReference records;
  Napi::FunctionReference restore;
  Napi::FunctionReference verification;
};

inline Classes* ClassesOf(Napi::Env env) { return env.GetInstanceData<Classes>(); }

// Unwraps an object of the addon. Returns null, with an exception pending, for any other value.
template <typename Object>
Object* Unwrapped(const Napi::Value& value, const Napi::FunctionReference& type) {
  const auto object = Fields(value);
  const Napi::Env env = type.Env();
  if (!env.IsExceptionPending() && !object.InstanceOf(type.Value())) {
    Refuse(env, "expected an object of the addon");
  }
  return env.IsExceptionPending() ? nullptr : Object::Unwrap(object);
}

// The sources of a job's options. Returns null, with an exception pending, if they are closed.
inline std::shared_ptr<const Sources> SourcesIn(const Napi::Object& options) {
  if (options.IsEmpty()) return nullptr;  // an exception is pending, and it has no environment
  const auto& type = ClassesOf(options.Env())->sources;
  const auto* const given = Unwrapped<SourcesObject>(Field(options, "sources"), type);
  if (given == nullptr) return nullptr;
  if (given->sources == nullptr) Refuse(options.Env(), "the sources are closed");
  return given->sources;
}

// The selection of a job's options, or null.
inline std::shared_ptr<const Selection> SelectionIn(const Napi::Object& options) {
  if (options.IsEmpty()) return nullptr;  // an exception is pending, and it has no environment
  const auto selection = Field(options, "selection");
  if (options.Env().IsExceptionPending() || selection.IsNull()) return nullptr;
  const auto& type = ClassesOf(options.Env())->selection;
  const auto* const chosen = Unwrapped<SelectionObject>(selection, type);
  return chosen == nullptr ? nullptr : chosen->options;
}

}  // namespace cura
