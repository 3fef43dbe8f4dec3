// What JavaScript gets to make a snapshot with: the sources, what is left out, and the pipelines.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "convert.h"
#include "job.h"
#include "mirror.h"
#include "options.h"
#include "snapshot.h"

namespace cura {

inline Napi::Value Throw(Napi::Env env, const OsError& error) {
  ToError(env, error).ThrowAsJavaScriptException();
  return env.Undefined();
}

// The opened operands. JavaScript only hands them on.
class SourcesObject : public Napi::ObjectWrap<SourcesObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "NativeSources", {InstanceMethod<&SourcesObject::Close>("close")});
  }
  explicit SourcesObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  std::shared_ptr<Sources> sources;

 private:
  void Close(const Napi::CallbackInfo&) { sources.reset(); }
};

// What is to be left out. JavaScript only hands it on.
class SelectionObject : public Napi::ObjectWrap<SelectionObject> {
 public:
  static Napi::Function Define(Napi::Env env) { return DefineClass(env, "NativeSelection", {}); }
  explicit SelectionObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  std::shared_ptr<const SelectionOptions> options;
};

// The last stage of both pipelines.
template <typename Pipeline>
Napi::Value StartPublish(const Napi::CallbackInfo& info, const std::shared_ptr<Pipeline>& kept) {
  const auto options = info[0].As<Napi::Object>();
  const auto marker = options.Get("marker").As<Napi::Buffer<char>>();
  const auto work = [kept, partial = Text(options.Get("partial")), name = Text(options.Get("name")),
                     bytes =
                         std::string(marker.Data(), marker.Length())]() -> Result<std::monostate> {
    if (auto error = kept->Publish(partial, name, bytes)) return std::move(*error);
    return std::monostate();
  };
  return StartJob<std::monostate>(
      info.Env(), kept->monitor(), work,
      [](Napi::Env env, const std::monostate&) { return env.Undefined(); });
}

class SnapshotObject : public Napi::ObjectWrap<SnapshotObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "NativeSnapshot",
                       {InstanceMethod<&SnapshotObject::Compare>("compare"),
                        InstanceMethod<&SnapshotObject::KeepProofs>("keepProofs"),
                        InstanceMethod<&SnapshotObject::Changes>("changes"),
                        InstanceMethod<&SnapshotObject::Omitted>("omitted"),
                        InstanceMethod<&SnapshotObject::Apply>("apply"),
                        InstanceMethod<&SnapshotObject::Publish>("publish"),
                        InstanceMethod<&SnapshotObject::Close>("close")});
  }
  explicit SnapshotObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  std::shared_ptr<Snapshot> snapshot;

 private:
  Napi::Value Compare(const Napi::CallbackInfo& info) {
    return StartJob<Compared>(
        info.Env(), snapshot->monitor(), [kept = snapshot] { return kept->Compare(); },
        [kept = snapshot](Napi::Env env, const Compared& compared) {
          return ToObject(env, compared, kept->failures());
        });
  }

  void Close(const Napi::CallbackInfo&) { snapshot.reset(); }

  Napi::Value KeepProofs(const Napi::CallbackInfo& info) {
    const auto work = [kept = snapshot]() -> Result<std::monostate> {
      if (auto error = kept->KeepProofs()) return std::move(*error);
      return std::monostate();
    };
    return StartJob<std::monostate>(
        info.Env(), snapshot->monitor(), work,
        [](Napi::Env env, const std::monostate&) { return env.Undefined(); });
  }

  Napi::Value Changes(const Napi::CallbackInfo& info) {
    const auto limit = info[0].As<Napi::Number>().Uint32Value();
    return ToArray(info.Env(), snapshot->Changes(limit));
  }

  Napi::Value Omitted(const Napi::CallbackInfo& info) {
    const auto limit = info[0].As<Napi::Number>().Uint32Value();
    return ToArray(info.Env(), snapshot->Omitted(limit));
  }

  Napi::Value Apply(const Napi::CallbackInfo& info) {
    return StartJob<Applied>(
        info.Env(), snapshot->monitor(),
        [kept = snapshot, partial = Text(info[0])] { return kept->Apply(partial); },
        [kept = snapshot](Napi::Env env, const Applied& applied) {
          return ToObject(env, applied, kept->failures());
        });
  }

  Napi::Value Publish(const Napi::CallbackInfo& info) { return StartPublish(info, snapshot); }
};

inline Napi::Value CountObject(Napi::Env env, const std::uint64_t& entries) {
  auto object = Napi::Object::New(env);
  object.Set("entries", Napi::Number::New(env, static_cast<double>(entries)));
  return object;
}

class MirrorObject : public Napi::ObjectWrap<MirrorObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "NativeMirror",
        {InstanceMethod<&MirrorObject::Begin>("begin"), InstanceMethod<&MirrorObject::Link>("link"),
         InstanceMethod<&MirrorObject::Unshare>("unshare"),
         InstanceMethod<&MirrorObject::LeftOut>("leftOut"),
         InstanceMethod<&MirrorObject::Clear>("clear"),
         InstanceMethod<&MirrorObject::Finish>("finish"),
         InstanceMethod<&MirrorObject::Publish>("publish"),
         InstanceMethod<&MirrorObject::Close>("close")});
  }
  explicit MirrorObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  std::shared_ptr<Mirror> mirror;

 private:
  Napi::Value Begin(const Napi::CallbackInfo& info) {
    if (auto error = mirror->Begin(Text(info[0]))) return Throw(info.Env(), *error);
    return info.Env().Undefined();
  }

  Napi::Value Link(const Napi::CallbackInfo& info) {
    return StartJob<std::uint64_t>(
        info.Env(), mirror->monitor(),
        [kept = mirror, names = Texts(info[0])] { return kept->Link(names); }, CountObject);
  }

  Napi::Value Unshare(const Napi::CallbackInfo& info) {
    return StartJob<std::uint64_t>(
        info.Env(), mirror->monitor(),
        [kept = mirror, paths = Paths(info[0])] { return kept->Unshare(paths); }, CountObject);
  }

  Napi::Value LeftOut(const Napi::CallbackInfo& info) {
    const auto paths = mirror->LeftOut();
    auto array = Napi::Array::New(info.Env(), paths.size());
    std::uint32_t at = 0;
    for (const std::string& path : paths) {
      const Napi::HandleScope scope(info.Env());
      array.Set(at++, Bytes(info.Env(), path));
    }
    return array;
  }

  Napi::Value Clear(const Napi::CallbackInfo& info) {
    return StartJob<std::uint64_t>(
        info.Env(), mirror->monitor(),
        [kept = mirror, paths = Paths(info[0])] { return kept->Clear(paths); }, CountObject);
  }

  Napi::Value Finish(const Napi::CallbackInfo& info) {
    return StartJob<Applied>(
        info.Env(), mirror->monitor(),
        [kept = mirror, paths = Paths(info[0])] { return kept->Finish(paths); },
        [kept = mirror](Napi::Env env, const Applied& applied) {
          return ToObject(env, applied, kept->failures());
        });
  }

  Napi::Value Publish(const Napi::CallbackInfo& info) { return StartPublish(info, mirror); }

  void Close(const Napi::CallbackInfo&) { mirror.reset(); }
};

}  // namespace cura
