// The border post to JavaScript. src/native.ts declares what is exported here and checks it at
// compile time; arguments come from there only.
#include <napi.h>

#include <memory>
#include <string>

#include "capacity.h"
#include "convert.h"
#include "job.h"
#include "lock.h"
#include "objects.h"
#include "store.h"
#include "trash.h"

namespace cura {

namespace {

// Classes that JavaScript gets objects of, but never constructs.
struct Classes {
  Napi::FunctionReference sources;
  Napi::FunctionReference selection;
  Napi::FunctionReference snapshot;
  Napi::FunctionReference mirror;
  Napi::FunctionReference store;
};

class StoreObject : public Napi::ObjectWrap<StoreObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "NativeStore",
                       {InstanceMethod<&StoreObject::List>("list"),
                        InstanceMethod<&StoreObject::Directory>("directory"),
                        InstanceMethod<&StoreObject::Read>("read"),
                        InstanceMethod<&StoreObject::ReadLock>("readLock"),
                        InstanceMethod<&StoreObject::TryLock>("tryLock"),
                        InstanceMethod<&StoreObject::BorrowLock>("borrowLock"),
                        InstanceMethod<&StoreObject::BreakLock>("breakLock"),
                        InstanceMethod<&StoreObject::Unlock>("unlock"),
                        InstanceMethod<&StoreObject::GetSpace>("space"),
                        InstanceMethod<&StoreObject::OpenSources>("openSources"),
                        InstanceMethod<&StoreObject::NewSnapshot>("snapshot"),
                        InstanceMethod<&StoreObject::Digests>("digests"),
                        InstanceMethod<&StoreObject::Trash>("trash"),
                        InstanceMethod<&StoreObject::NewMirror>("mirror"),
                        InstanceMethod<&StoreObject::Remove>("remove"),
                        InstanceMethod<&StoreObject::MeasureRemoved>("measureRemoval"),
                        InstanceMethod<&StoreObject::Close>("close")});
  }
  explicit StoreObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  void Hold(Store store) {
    store_ = std::make_shared<Store>(std::move(store));
    lock_.emplace(&store_->fd());
  }

 private:
  Napi::Value List(const Napi::CallbackInfo& info) {
    auto entries = store_->List(info[0].IsString() ? Text(info[0]) : std::string());
    if (!entries.ok()) return Throw(info.Env(), entries.error());
    auto array = Napi::Array::New(info.Env(), entries.value().size());
    std::uint32_t at = 0;
    for (const StoreEntry& entry : entries.value()) {
      auto item = Napi::Object::New(info.Env());
      item.Set("name", entry.name);
      item.Set("type", TypeName(entry.type, "other"));
      array.Set(at++, item);
    }
    return array;
  }

  Napi::Value Directory(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), sys::PathOf(store_->fd().get()));
  }

  Napi::Value Read(const Napi::CallbackInfo& info) {
    auto bytes =
        store_->Read(Text(info[0]), Text(info[1]), info[2].As<Napi::Number>().Uint32Value());
    if (!bytes.ok()) return Throw(info.Env(), bytes.error());
    if (!bytes.value()) return info.Env().Null();
    return Bytes(info.Env(), *bytes.value());
  }

  Napi::Value ReadLock(const Napi::CallbackInfo& info) {
    auto found = lock_->Look();
    if (!found.ok()) return Throw(info.Env(), found.error());
    return found.value() ? ToObject(info.Env(), *found.value()) : info.Env().Null();
  }

  Napi::Value TryLock(const Napi::CallbackInfo& info) {
    auto attempt = lock_->Try(Text(info[0]), Text(info[1]));
    if (!attempt.ok()) return Throw(info.Env(), attempt.error());
    return ToObject(info.Env(), attempt.value());
  }

  Napi::Value BorrowLock(const Napi::CallbackInfo& info) {
    auto attempt = lock_->Borrow(Text(info[0]), Text(info[1]));
    if (!attempt.ok()) return Throw(info.Env(), attempt.error());
    return ToObject(info.Env(), attempt.value());
  }

  Napi::Value BreakLock(const Napi::CallbackInfo& info) {
    std::optional<std::string> text;
    if (info[0].IsString()) text = Text(info[0]);
    auto broken = lock_->Break(text, Text(info[1]));
    if (!broken.ok()) return Throw(info.Env(), broken.error());
    return Napi::Boolean::New(info.Env(), broken.value());
  }

  void Unlock(const Napi::CallbackInfo&) {
    if (lock_) lock_->Release();
  }

  Napi::Value GetSpace(const Napi::CallbackInfo& info) {
    sys::Space space;
    if (sys::SpaceOf(store_->fd().get(), &space) != 0) {
      return Throw(info.Env(), LastError("fstatfs"));
    }
    return ToObject(info.Env(), space);
  }

  Napi::Value OpenSources(const Napi::CallbackInfo& info);
  Napi::Value NewSnapshot(const Napi::CallbackInfo& info);
  Napi::Value NewMirror(const Napi::CallbackInfo& info);

  // A function that goes on with the list; where the manifest cannot be used, the reason.
  Napi::Value Digests(const Napi::CallbackInfo& info) {
    auto record = LoadRecord(store_->fd(), Text(info[0]));
    if (!record.ok()) return Throw(info.Env(), record.error());
    auto& [manifest, why_not] = record.value();
    if (manifest == nullptr) return Napi::String::New(info.Env(), why_not);
    const auto lister = std::make_shared<DigestLister>(std::move(manifest));
    return Napi::Function::New(info.Env(), [lister](const Napi::CallbackInfo& call) {
      return ToArray(call.Env(), lister->Next(call[0].As<Napi::Number>().Uint32Value()));
    });
  }

  Napi::Value Trash(const Napi::CallbackInfo& info) {
    const auto error = MoveToTrash(store_->fd(), Text(info[0]), Text(info[1]));
    return error ? Throw(info.Env(), *error) : info.Env().Undefined();
  }

  Napi::Value Remove(const Napi::CallbackInfo& info) {
    return StartRemoval(info.Env(), [store = store_, name = Text(info[0])](Monitor* monitor) {
      return RemoveHidden(store->fd(), name, monitor);
    });
  }

  Napi::Value MeasureRemoved(const Napi::CallbackInfo& info) {
    return StartRemoval(info.Env(), [store = store_, names = Texts(info[0])](Monitor* monitor) {
      return MeasureRemoval(store->fd(), names, monitor);
    });
  }

  template <typename Work>
  static Napi::Value StartRemoval(Napi::Env env, Work work) {
    const auto monitor = std::make_shared<Monitor>();
    return StartJob<Removed>(
        env, monitor, [monitor, work = std::move(work)] { return work(monitor.get()); },
        [](Napi::Env to, const Removed& removed) { return ToObject(to, removed); });
  }

  void Close(const Napi::CallbackInfo&) {
    lock_.reset();
    store_.reset();
  }

  std::shared_ptr<Store> store_;
  std::optional<Lock> lock_;
};

Classes* ClassesOf(Napi::Env env) { return env.GetInstanceData<Classes>(); }

Napi::Value StoreObject::OpenSources(const Napi::CallbackInfo& info) {
  const auto operands = info[0].As<Napi::Array>();
  auto sources = std::make_shared<Sources>(DescriptorBudget());
  for (std::uint32_t i = 0; i < operands.Length(); ++i) {
    const auto operand = operands.Get(i).As<Napi::Object>();
    const auto error =
        sources->Add(Text(operand.Get("name")), Text(operand.Get("path")), store_->identity());
    if (error) return Throw(info.Env(), *error);
  }
  auto object = ClassesOf(info.Env())->sources.New({});
  SourcesObject::Unwrap(object)->sources = std::move(sources);
  return object;
}

Napi::Value StoreObject::NewSnapshot(const Napi::CallbackInfo& info) {
  const auto given = info[0].As<Napi::Object>();
  const auto selection = given.Get("selection");
  SnapshotOptions options;
  options.store = store_;
  options.sources = SourcesObject::Unwrap(given.Get("sources").As<Napi::Object>())->sources;
  options.bases = ToBases(given.Get("bases"));
  if (!selection.IsNull()) {
    options.selection = SelectionObject::Unwrap(selection.As<Napi::Object>())->options;
  }
  options.belief = ToBelief(given.Get("belief").As<Napi::Object>());
  options.digests = given.Get("digests").ToBoolean();
  auto object = ClassesOf(info.Env())->snapshot.New({});
  SnapshotObject::Unwrap(object)->snapshot = std::make_shared<Snapshot>(std::move(options));
  return object;
}

Napi::Value StoreObject::NewMirror(const Napi::CallbackInfo& info) {
  const auto previous = info[0].As<Napi::Object>().Get("previous");
  auto object = ClassesOf(info.Env())->mirror.New({});
  MirrorObject::Unwrap(object)->mirror =
      std::make_shared<Mirror>(store_, previous.IsString() ? Text(previous) : std::string());
  return object;
}

Napi::Value OpenStore(const Napi::CallbackInfo& info) {
  auto store = Store::Open(Text(info[0]));
  if (!store.ok()) return Throw(info.Env(), store.error());
  auto object = ClassesOf(info.Env())->store.New({});
  StoreObject::Unwrap(object)->Hold(std::move(store.value()));
  return object;
}

Napi::Value NewSelection(const Napi::CallbackInfo& info) {
  auto options = ToSelection(info.Env(), info[0].As<Napi::Object>());
  if (options == nullptr) return info.Env().Undefined();
  auto object = ClassesOf(info.Env())->selection.New({});
  SelectionObject::Unwrap(object)->options = std::move(options);
  return object;
}

Napi::Value BootId(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), sys::BootId());
}

Napi::Value ProcessStart(const Napi::CallbackInfo& info) {
  const std::string start = sys::ProcessStart(info[0].As<Napi::Number>().Int32Value());
  return start.empty() ? info.Env().Null() : Napi::String::New(info.Env(), start);
}

Napi::Value SignalProcess(const Napi::CallbackInfo& info) {
  const int sent = sys::SignalProcess(info[0].As<Napi::Number>().Int32Value(), Text(info[1]),
                                      info[2].As<Napi::Number>().Int32Value());
  if (sent < 0) return Throw(info.Env(), LastError("pidfd_send_signal"));
  return Napi::Boolean::New(info.Env(), sent == 1);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* classes = new Classes;  // deleted with the environment
  classes->sources = Napi::Persistent(SourcesObject::Define(env));
  classes->selection = Napi::Persistent(SelectionObject::Define(env));
  classes->snapshot = Napi::Persistent(SnapshotObject::Define(env));
  classes->mirror = Napi::Persistent(MirrorObject::Define(env));
  classes->store = Napi::Persistent(StoreObject::Define(env));
  env.SetInstanceData(classes);
  exports.Set("openStore", Napi::Function::New(env, OpenStore));
  exports.Set("selection", Napi::Function::New(env, NewSelection));
  exports.Set("bootId", Napi::Function::New(env, BootId));
  exports.Set("processStart", Napi::Function::New(env, ProcessStart));
  exports.Set("signalProcess", Napi::Function::New(env, SignalProcess));
  return exports;
}

}  // namespace

}  // namespace cura

static Napi::Object InitAddon(Napi::Env env, Napi::Object exports) {
  return cura::Init(env, exports);
}

NODE_API_MODULE(cura, InitAddon)
