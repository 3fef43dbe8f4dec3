// The functions and classes that JavaScript can call. src/native/native.ts declares them and checks
// their types at compile time; nothing else passes arguments.
#include <napi.h>

#include <memory>
#include <string>

#include "addon/classes.h"
#include "addon/convert.h"
#include "addon/job.h"
#include "addon/machine.h"
#include "addon/patterns.h"
#include "addon/pipelines.h"
#include "addon/queries.h"
#include "addon/restore_object.h"
#include "addon/stored_files.h"
#include "addon/verify_object.h"
#include "jobs/remove_snapshot.h"
#include "store/annotations.h"
#include "store/lease.h"
#include "store/lock.h"
#include "store/store.h"

namespace cura {

namespace {

class StoreObject : public Napi::ObjectWrap<StoreObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "NativeStore",
                       {Open<&StoreObject::List>("list"),
                        Open<&StoreObject::Directory>("directory"),
                        Open<&StoreObject::Inventory>("inventory"),
                        Open<&StoreObject::ReadFile>("readFile"),
                        Open<&StoreObject::OpenFile>("openFile"),
                        Open<&StoreObject::ReadState>("readState"),
                        Open<&StoreObject::WriteState>("writeState"),
                        Open<&StoreObject::Pin>("setPinned"),
                        Open<&StoreObject::Tag>("writeTags"),
                        Open<&StoreObject::Lease>("lease"),
                        Open<&StoreObject::IsLeased>("isLeased"),
                        Open<&StoreObject::Release>("release"),
                        Open<&StoreObject::ReadLock>("readLock"),
                        Open<&StoreObject::TryLock>("tryLock"),
                        Open<&StoreObject::BorrowLock>("borrowLock"),
                        Open<&StoreObject::BreakLock>("breakLock"),
                        InstanceMethod<&StoreObject::Unlock>("unlock"),
                        Open<&StoreObject::GetSpace>("space"),
                        Open<&StoreObject::OpenSources>("openSources"),
                        Open<&StoreObject::NewSnapshot>("snapshot"),
                        Open<&StoreObject::OpenRecords>("openRecords"),
                        Open<&StoreObject::NewRestore>("restore"),
                        Open<&StoreObject::Trash>("trash"),
                        Open<&StoreObject::NewExternalFill>("externalFill"),
                        Open<&StoreObject::Remove>("remove"),
                        Open<&StoreObject::Measure>("measure"),
                        Open<&StoreObject::NewVerification>("verify"),
                        Open<&StoreObject::CheckLive>("checkSources"),
                        Open<&StoreObject::ReadScrub>("readScrub"),
                        InstanceMethod<&StoreObject::Close>("close")});
  }
  explicit StoreObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  void Hold(Store store) {
    store_ = std::make_shared<Store>(std::move(store));
    lock_.emplace(&store_->fd());
    leases_.emplace(&store_->fd());
  }

 private:
  // Others who look for leases, as status does, hold a snapshot for a moment: they are no readers.
  static constexpr int kPatience_ms = 20;

  using Method = Napi::Value (StoreObject::*)(const Napi::CallbackInfo&);

  template <Method method>
  static PropertyDescriptor Open(const char* name) {
    return InstanceMethod<&StoreObject::IfOpen<method>>(name);
  }

  template <Method method>
  Napi::Value IfOpen(const Napi::CallbackInfo& info) {
    if (store_ != nullptr) return (this->*method)(info);
    Refuse(info.Env(), "the store is closed");
    return info.Env().Undefined();
  }

  Napi::Value List(const Napi::CallbackInfo& info) {
    const std::string directory = info[0].IsUndefined() ? std::string() : Name(info[0]);
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    auto entries = store_->List(directory);
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

  Napi::Value Inventory(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const std::uint32_t limit = Limit(info[0]);
    if (env.IsExceptionPending()) return env.Undefined();
    auto array = Napi::Array::New(env);
    const auto error = ReadInventory(*store_, limit, [&](const StoredDirectory& directory) {
      const Napi::HandleScope scope(env);
      array.Set(array.Length(), ToObject(env, directory));
    });
    return error ? Throw(env, *error) : array;
  }

  Napi::Value ReadFile(const Napi::CallbackInfo& info) { return ReadStored(*store_, info); }
  Napi::Value OpenFile(const Napi::CallbackInfo& info) { return OpenStored(*store_, info); }
  Napi::Value ReadState(const Napi::CallbackInfo& info) { return ReadStateOf(*store_, info); }
  Napi::Value WriteState(const Napi::CallbackInfo& info) { return WriteStateOf(*store_, info); }
  Napi::Value Pin(const Napi::CallbackInfo& info) {
    const std::string snapshot = Name(info[0]);
    const bool is_pinned = Boolean(info[1]);
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    const auto error = SetPinned(store_->fd(), snapshot, is_pinned);
    return error ? Throw(info.Env(), *error) : info.Env().Undefined();
  }

  Napi::Value Tag(const Napi::CallbackInfo& info) {
    const std::string snapshot = Name(info[0]);
    const std::string text = Text(info[1]);
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    const auto error = WriteTags(store_->fd(), snapshot, text);
    return error ? Throw(info.Env(), *error) : info.Env().Undefined();
  }

  Napi::Value Lease(const Napi::CallbackInfo& info) {
    const std::string snapshot = Name(info[0]);
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    const auto error = leases_->Take(snapshot);
    return error ? Throw(info.Env(), *error) : info.Env().Undefined();
  }

  Napi::Value Release(const Napi::CallbackInfo& info) {
    const std::string snapshot = Name(info[0]);
    if (!info.Env().IsExceptionPending()) leases_->Release(snapshot);
    return info.Env().Undefined();
  }

  Napi::Value IsLeased(const Napi::CallbackInfo& info) {
    const std::string snapshot = Name(info[0]);
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    const Claim claim = ClaimSnapshot(store_->fd(), snapshot, kPatience_ms);
    return Napi::Boolean::New(info.Env(), claim.is_leased);
  }

  Napi::Value ReadLock(const Napi::CallbackInfo& info) {
    auto found = lock_->Look();
    if (!found.ok()) return Throw(info.Env(), found.error());
    return found.value() ? ToObject(info.Env(), *found.value()) : info.Env().Null();
  }

  Napi::Value TryLock(const Napi::CallbackInfo& info) {
    const std::string text = Text(info[0]);
    const std::string name = Name(info[1]);
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    auto attempt = lock_->Try(text, name);
    if (!attempt.ok()) return Throw(info.Env(), attempt.error());
    return ToObject(info.Env(), attempt.value());
  }

  Napi::Value BorrowLock(const Napi::CallbackInfo& info) {
    const std::string directory = Name(info[0]);
    const std::string file = Name(info[1]);
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    auto attempt = lock_->Borrow(directory, file);
    if (!attempt.ok()) return Throw(info.Env(), attempt.error());
    return ToObject(info.Env(), attempt.value());
  }

  Napi::Value BreakLock(const Napi::CallbackInfo& info) {
    std::optional<std::string> text;
    if (!info[0].IsNull()) text = Text(info[0]);
    const std::string name = Name(info[1]);
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    auto broken = lock_->Break(text, name);
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
  Napi::Value NewExternalFill(const Napi::CallbackInfo& info);
  Napi::Value OpenRecords(const Napi::CallbackInfo& info);
  Napi::Value NewRestore(const Napi::CallbackInfo& info);
  Napi::Value NewVerification(const Napi::CallbackInfo& info) {
    return NewVerificationOf(store_, info);
  }
  Napi::Value CheckLive(const Napi::CallbackInfo& info) { return CheckSourcesOf(store_, info); }

  Napi::Value ReadScrub(const Napi::CallbackInfo& info) { return ReadScrubOf(*store_, info); }
  Napi::Value Trash(const Napi::CallbackInfo& info) {
    const std::string name = Name(info[0]);
    const std::string trash = Name(info[1]);
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    const Claim claim = ClaimSnapshot(store_->fd(), name, kPatience_ms);  // held until the rename
    // A rename needs no descriptor, and would take the snapshot away from its reader.
    if (claim.error) return Throw(info.Env(), *claim.error);
    if (claim.is_leased) return Napi::Boolean::New(info.Env(), false);
    const auto error = MoveToTrash(store_->fd(), name, trash);
    return error ? Throw(info.Env(), *error) : Napi::Boolean::New(info.Env(), true);
  }

  Napi::Value Remove(const Napi::CallbackInfo& info) {
    const auto job = std::make_shared<Job>(info.Env().GetInstanceData<Classes>()->resources);
    const auto work = [job, store = store_, name = Name(info[0])] {
      return RemoveHidden(store->fd(), name, job->context());
    };
    return StartJob<Removed>(
        info.Env(), job->monitor(), work,
        [](Napi::Env env, const Removed& removed) { return ToObject(env, removed); });
  }

  Napi::Value Measure(const Napi::CallbackInfo& info) {
    const auto job = std::make_shared<Job>(info.Env().GetInstanceData<Classes>()->resources);
    const auto options = Fields(info[1]);
    const SpaceQuestion question{Names(info[0]), Names(Field(options, "set")),
                                 Limit(Field(options, "top")), Flag(options, "topOfSet")};
    const auto work = [job, store = store_, question] {
      return MeasureSpace(store->fd(), question, job->context());
    };
    return StartJob<Space>(info.Env(), job->monitor(), work,
                           [](Napi::Env env, const Space& space) { return ToObject(env, space); });
  }

  void Close(const Napi::CallbackInfo&) {
    lock_.reset();
    leases_.reset();
    store_.reset();
  }

  std::shared_ptr<Store> store_;
  std::optional<Lock> lock_;
  std::optional<SnapshotLeases> leases_;
};

Napi::Value StoreObject::OpenSources(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto sources = std::make_shared<Sources>(ClassesOf(env)->resources);
  std::optional<OsError> first;
  for (const Napi::Object& operand : ObjectsOf(info[0])) {
    const std::string name = Name(Field(operand, "name"));
    const std::string path = Path(Field(operand, "path"));
    if (env.IsExceptionPending()) return env.Undefined();
    const auto error = sources->Add(name, path, store_->identity());
    if (error) return Throw(env, *error);
    if (!first && !sources->failed().empty()) first = sources->failed().front().error;
  }
  if (env.IsExceptionPending()) return env.Undefined();
  if (first && sources->list().empty()) return Throw(env, *first);
  auto object = ClassesOf(env)->sources.New({});
  SourcesObject::Unwrap(object)->sources = std::move(sources);
  return object;
}

Napi::Value StoreObject::NewSnapshot(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto given = Fields(info[0]);
  BackupOptions options;
  options.store = store_;
  options.sources = SourcesIn(given);
  options.bases = ToBases(Field(given, "bases"));
  options.selection = SelectionIn(given);
  options.trust = ToTrust(Fields(Field(given, "trust")));
  options.digests = Flag(given, "digests");
  if (env.IsExceptionPending()) return env.Undefined();
  auto object = ClassesOf(env)->snapshot.New({});
  BackupObject::Unwrap(object)->held.pipeline =
      std::make_shared<BackupJob>(ClassesOf(env)->resources, std::move(options));
  return object;
}

Napi::Value StoreObject::NewExternalFill(const Napi::CallbackInfo& info) {
  const auto previous = Field(Fields(info[0]), "previous");
  std::string name = previous.IsNull() ? std::string() : Name(previous);
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  auto object = ClassesOf(info.Env())->external_fill.New({});
  ExternalFillObject::Unwrap(object)->held.pipeline =
      std::make_shared<ExternalFill>(ClassesOf(info.Env())->resources, store_, std::move(name));
  return object;
}

Napi::Value StoreObject::NewRestore(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto given = Fields(info[0]);
  RestoreOptions options = ToRestoreOptions(given);
  options.store = store_;
  options.selection = SelectionIn(given);
  if (env.IsExceptionPending()) return env.Undefined();
  auto object = ClassesOf(env)->restore.New({});
  RestoreObject::Unwrap(object)->held.pipeline =
      std::make_shared<RestoreJob>(ClassesOf(env)->resources, std::move(options));
  return object;
}

Napi::Value StoreObject::OpenRecords(const Napi::CallbackInfo& info) {
  const auto names = Names(info[0]);
  const auto check = Flag(Fields(info[1]), "whole") ? RecordCheck::kWhole : RecordCheck::kFrame;
  const auto job = std::make_shared<Job>(ClassesOf(info.Env())->resources);
  using Opened = std::shared_ptr<const Records>;
  const auto work = [job, store = store_, names, check]() -> Result<Opened> {
    auto records = cura::OpenRecords(store->fd(), names, check, job->context());
    if (!records.ok()) return std::move(records.error());
    // Some of them open their files again for each read.
    struct Kept {
      std::shared_ptr<Store> store;
      Records records;
    };
    const auto kept = std::make_shared<Kept>(Kept{store, std::move(records.value())});
    return Opened(kept, &kept->records);
  };
  return StartJob<Opened>(info.Env(), job->monitor(), work,
                          [](Napi::Env env, const Opened& opened) {
                            auto object = ClassesOf(env)->records.New({});
                            auto* const unwrapped = RecordsObject::Unwrap(object);
                            unwrapped->records = opened;
                            unwrapped->resources = ClassesOf(env)->resources;
                            return Napi::Value(object);
                          });
}

Napi::Value OpenStore(const Napi::CallbackInfo& info) {
  const std::string path = Path(info[0]);
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  auto store = Store::Open(path);
  if (!store.ok()) return Throw(info.Env(), store.error());
  auto object = ClassesOf(info.Env())->store.New({});
  StoreObject::Unwrap(object)->Hold(std::move(store.value()));
  return object;
}

Napi::Value NewSelection(const Napi::CallbackInfo& info) {
  auto options = ToSelection(info.Env(), Fields(info[0]));
  if (options == nullptr) return info.Env().Undefined();
  auto object = ClassesOf(info.Env())->selection.New({});
  SelectionObject::Unwrap(object)->options = std::move(options);
  return object;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* classes = new Classes;  // deleted with the environment
  classes->sources = Napi::Persistent(SourcesObject::Define(env));
  classes->selection = Napi::Persistent(SelectionObject::Define(env));
  classes->snapshot = Napi::Persistent(BackupObject::Define(env));
  classes->external_fill = Napi::Persistent(ExternalFillObject::Define(env));
  classes->store = Napi::Persistent(StoreObject::Define(env));
  classes->records = Napi::Persistent(RecordsObject::Define(env));
  classes->restore = Napi::Persistent(RestoreObject::Define(env));
  classes->verification = Napi::Persistent(VerifyObject::Define(env));
  env.SetInstanceData(classes);
  exports.Set("openStore", Napi::Function::New(env, OpenStore));
  exports.Set("selection", Napi::Function::New(env, NewSelection));
  exports.Set("globMatches", Napi::Function::New(env, GlobMatches));
  exports.Set("bootId", Napi::Function::New(env, BootId));
  exports.Set("isMountPoint", Napi::Function::New(env, IsMounted));
  exports.Set("machineId", Napi::Function::New(env, MachineId));
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
