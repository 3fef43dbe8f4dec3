// The JavaScript objects that make snapshots: sources, selection and pipelines.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "addon/convert.h"
#include "addon/job.h"
#include "addon/options.h"
#include "external/external_fill.h"
#include "jobs/backup.h"

namespace cura {

// The opened operands. JavaScript only passes them on.
class SourcesObject : public Napi::ObjectWrap<SourcesObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "NativeSources",
                       {InstanceMethod<&SourcesObject::Failed>("failed"),
                        InstanceMethod<&SourcesObject::Mounted>("mounted"),
                        InstanceMethod<&SourcesObject::Drop>("drop"),
                        InstanceMethod<&SourcesObject::Close>("close")});
  }
  explicit SourcesObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  std::shared_ptr<Sources> sources;

 private:
  Napi::Value Failed(const Napi::CallbackInfo& info) {
    if (sources == nullptr) Refuse(info.Env(), "the sources are closed");
    if (sources == nullptr) return info.Env().Undefined();
    return ToArray(info.Env(), sources->failed());
  }
  Napi::Value Mounted(const Napi::CallbackInfo& info) {
    if (sources == nullptr) Refuse(info.Env(), "the sources are closed");
    if (sources == nullptr) return info.Env().Undefined();
    auto names = Napi::Array::New(info.Env());
    for (const Source& source : sources->list()) {
      if (source.is_mounted) names.Set(names.Length(), source.name);
    }
    return names;
  }
  void Drop(const Napi::CallbackInfo& info) {
    const std::string name = Text(info[0]);
    if (sources == nullptr) Refuse(info.Env(), "the sources are closed");
    if (!info.Env().IsExceptionPending()) sources->Drop(name);
  }
  void Close(const Napi::CallbackInfo&) { sources.reset(); }
};

// The exclusion rules. JavaScript only passes them on.
class SelectionObject : public Napi::ObjectWrap<SelectionObject> {
 public:
  static Napi::Function Define(Napi::Env env) { return DefineClass(env, "NativeSelection", {}); }
  explicit SelectionObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  std::shared_ptr<const Selection> options;
};

// The pipeline behind a JavaScript object, until the object is closed.
template <typename Pipeline>
struct Held {
  std::shared_ptr<Pipeline> pipeline;
  std::shared_ptr<Course> course = std::make_shared<Course>();

  // Throws and returns false if the pipeline is closed.
  [[nodiscard]] bool IsOpen(Napi::Env env) const {
    if (pipeline == nullptr) Refuse(env, "it is closed");
    return pipeline != nullptr;
  }
  [[nodiscard]] StageRun From(Course::Stage from, Course::Stage to) const {
    return {course, pipeline->monitor(), from, to};
  }
};

// The JavaScript object of a pipeline. Its methods throw once it is closed.
template <typename Object, typename Pipeline>
class PipelineObject : public Napi::ObjectWrap<Object> {
 public:
  explicit PipelineObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Object>(info) {}

  Held<Pipeline> held;

 protected:
  using Method = Napi::Value (Object::*)(const Napi::CallbackInfo&);
  using Stage = Course::Stage;

  template <Method method>
  static auto Open(const char* name) {
    return Object::InstanceMethod(name, static_cast<Method>(&PipelineObject::IfOpen<method>));
  }
  static auto CloseMethod() {
    using Closing = void (Object::*)(const Napi::CallbackInfo&);
    return Object::InstanceMethod("close", static_cast<Closing>(&PipelineObject::Close));
  }

 private:
  template <Method method>
  Napi::Value IfOpen(const Napi::CallbackInfo& info) {
    if (!held.IsOpen(info.Env())) return info.Env().Undefined();
    return (static_cast<Object*>(this)->*method)(info);
  }
  void Close(const Napi::CallbackInfo&) { held.pipeline.reset(); }
};

// Starts the last stage of both pipelines.
template <typename Pipeline>
Napi::Value StartPublish(const Napi::CallbackInfo& info, const Held<Pipeline>& held) {
  const auto options = Fields(info[0]);
  const auto work = [kept = held.pipeline, partial = Name(Field(options, "partial")),
                     name = Name(Field(options, "name")),
                     bytes = BytesOf(Field(options, "marker"))]() -> Result<std::monostate> {
    if (auto error = kept->Publish(partial, name, bytes)) return std::move(*error);
    return std::monostate();
  };
  return StartStage<std::monostate>(
      info.Env(), held.From(Course::Stage::kMade, Course::Stage::kPublished), work,
      [](Napi::Env env, const std::monostate&) { return env.Undefined(); });
}

class BackupObject : public PipelineObject<BackupObject, BackupJob> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "NativeSnapshot",
        {Open<&BackupObject::Compare>("compare"), Open<&BackupObject::KeepProofs>("keepProofs"),
         Open<&BackupObject::Changes>("changes"), Open<&BackupObject::Omitted>("omitted"),
         Open<&BackupObject::Apply>("apply"), Open<&BackupObject::Publish>("publish"),
         CloseMethod()});
  }
  explicit BackupObject(const Napi::CallbackInfo& info) : PipelineObject(info) {}

 private:
  Napi::Value Compare(const Napi::CallbackInfo& info) {
    return StartStage<Comparison>(
        info.Env(), held.From(Stage::kNew, Stage::kReady),
        [kept = held.pipeline] { return kept->Compare(); },
        [kept = held.pipeline](Napi::Env env, const Comparison& compared) {
          return ToObject(env, compared, kept->failures());
        });
  }

  Napi::Value KeepProofs(const Napi::CallbackInfo& info) {
    const auto work = [kept = held.pipeline]() -> Result<std::monostate> {
      if (auto error = kept->KeepProofs()) return std::move(*error);
      return std::monostate();
    };
    return StartStage<std::monostate>(
        info.Env(), held.From(Stage::kReady, Stage::kReady), work,
        [](Napi::Env env, const std::monostate&) { return env.Undefined(); });
  }

  Napi::Value Changes(const Napi::CallbackInfo& info) {
    const auto limit = Limit(info[0]);
    if (!held.course->Check(info.Env(), Stage::kReady)) return info.Env().Undefined();
    auto changes = held.pipeline->Changes(limit);
    if (!changes.ok()) return Throw(info.Env(), changes.error());
    return ToArray(info.Env(), changes.value());
  }

  Napi::Value Omitted(const Napi::CallbackInfo& info) {
    const auto limit = Limit(info[0]);
    if (!held.course->Check(info.Env(), Stage::kReady)) return info.Env().Undefined();
    return ToArray(info.Env(), held.pipeline->Omitted(limit));
  }

  Napi::Value Apply(const Napi::CallbackInfo& info) {
    return StartStage<Applied>(
        info.Env(), held.From(Stage::kReady, Stage::kMade),
        [kept = held.pipeline, partial = Name(info[0])] { return kept->Apply(partial); },
        [kept = held.pipeline](Napi::Env env, const Applied& applied) {
          return ToObject(env, applied, kept->failures());
        });
  }

  Napi::Value Publish(const Napi::CallbackInfo& info) { return StartPublish(info, held); }
};

inline Napi::Value CountObject(Napi::Env env, const std::uint64_t& entries) {
  auto object = Napi::Object::New(env);
  object.Set("entries", Napi::Number::New(env, static_cast<double>(entries)));
  return object;
}

class ExternalFillObject : public PipelineObject<ExternalFillObject, ExternalFill> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "NativeExternalFill",
        {Open<&ExternalFillObject::Begin>("begin"), Open<&ExternalFillObject::Link>("link"),
         Open<&ExternalFillObject::Unshare>("unshare"),
         Open<&ExternalFillObject::LeftOut>("leftOut"),
         Open<&ExternalFillObject::HasDamaged>("hasDamaged"),
         Open<&ExternalFillObject::Clear>("clear"), Open<&ExternalFillObject::Finish>("finish"),
         Open<&ExternalFillObject::Publish>("publish"), CloseMethod()});
  }
  explicit ExternalFillObject(const Napi::CallbackInfo& info) : PipelineObject(info) {}

 private:
  Napi::Value Begin(const Napi::CallbackInfo& info) {
    const std::string partial = Name(info[0]);
    if (!held.course->Check(info.Env(), Stage::kNew)) return info.Env().Undefined();
    const auto error = held.pipeline->Begin(partial);
    held.course->Set(error ? Stage::kBroken : Stage::kReady);
    return error ? Throw(info.Env(), *error) : info.Env().Undefined();
  }

  Napi::Value Link(const Napi::CallbackInfo& info) {
    return StartCount(info.Env(),
                      [kept = held.pipeline, names = Texts(info[0])] { return kept->Link(names); });
  }

  Napi::Value Unshare(const Napi::CallbackInfo& info) {
    return StartCount(info.Env(), [kept = held.pipeline, paths = Paths(info[0])] {
      return kept->Unshare(paths);
    });
  }

  Napi::Value LeftOut(const Napi::CallbackInfo& info) {
    if (!held.course->Check(info.Env(), Stage::kReady)) return info.Env().Undefined();
    const auto paths = held.pipeline->LeftOut();
    auto array = Napi::Array::New(info.Env(), paths.size());
    std::uint32_t at = 0;
    for (const std::string& path : paths) {
      const Napi::HandleScope scope(info.Env());
      array.Set(at++, Bytes(info.Env(), path));
    }
    return array;
  }

  Napi::Value HasDamaged(const Napi::CallbackInfo& info) {
    if (!held.course->Check(info.Env(), Stage::kReady)) return info.Env().Undefined();
    return Napi::Boolean::New(info.Env(), held.pipeline->has_damaged());
  }

  Napi::Value Clear(const Napi::CallbackInfo& info) {
    return StartCount(
        info.Env(), [kept = held.pipeline, paths = Paths(info[0])] { return kept->Clear(paths); });
  }

  // Starts a stage that can be repeated and returns a number of entries.
  Napi::Value StartCount(Napi::Env env, JobWorker<std::uint64_t>::Work work) {
    const StageRun run = held.From(Stage::kReady, Stage::kReady);
    return StartStage<std::uint64_t>(env, run, std::move(work), CountObject);
  }

  Napi::Value Finish(const Napi::CallbackInfo& info) {
    return StartStage<Applied>(
        info.Env(), held.From(Stage::kReady, Stage::kMade),
        [kept = held.pipeline, paths = Paths(info[0])] { return kept->Finish(paths); },
        [kept = held.pipeline](Napi::Env env, const Applied& applied) {
          return ToObject(env, applied, kept->failures());
        });
  }

  Napi::Value Publish(const Napi::CallbackInfo& info) { return StartPublish(info, held); }
};

}  // namespace cura
