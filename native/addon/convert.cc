// Builds the JavaScript objects that src/native/native.ts declares from native results.
#include "addon/convert.h"

#include <cstring>

#include "addon/errno_name.h"

namespace cura {

Napi::Value Bytes(Napi::Env env, const std::string& bytes) {
  const auto buffer = Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
  return {env, static_cast<napi_value>(buffer)};
}

Napi::Value Number(Napi::Env env, std::uint64_t number) {
  return Napi::Number::New(env, static_cast<double>(number));
}

Napi::Value TextArray(Napi::Env env, const std::vector<std::string>& texts) {
  return ArrayOf(env, texts,
                 [env](const std::string& text) { return Napi::String::New(env, text); });
}

Napi::Value DigestText(Napi::Env env, const Digest& digest) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (digest == kNoDigest) return env.Null();
  std::string text;
  for (const std::uint8_t byte : digest) (text += kHex[byte >> 4U]) += kHex[byte & 15U];
  return Napi::String::New(env, text);
}

namespace {

const char* ChangeName(ChangeKind change) {
  switch (change) {
    case ChangeKind::kNew:
      return "new";
    case ChangeKind::kMetadata:
      return "metadata";
    case ChangeKind::kRenamed:
      return "renamed";
    case ChangeKind::kDeleted:
      return "deleted";
    default:
      return "changed";
  }
}

const char* ReasonName(Reason reason) {
  switch (reason) {
    case Reason::kTag:
      return "tag";
    case Reason::kSize:
      return "size";
    case Reason::kFilesystem:
      return "filesystem";
    case Reason::kAttribute:
      return "attribute";
    case Reason::kPattern:
      break;
  }
  return "pattern";
}

const char* HolderName(Holder holder) {
  switch (holder) {
    case Holder::kNone:
      return "free";
    case Holder::kLiving:
      return "held";
    case Holder::kUnknown:
      break;
  }
  return "unknown";
}

Napi::Object ToObject(Napi::Env env, const Totals& totals) {
  auto object = Napi::Object::New(env);
  object.Set("files", Number(env, totals.files));
  object.Set("directories", Number(env, totals.directories));
  object.Set("symlinks", Number(env, totals.symlinks));
  object.Set("specials", Number(env, totals.specials));
  object.Set("bytes", Number(env, totals.bytes));
  return object;
}

}  // namespace

void SetFailures(Napi::Env env, const Failures& failures, Napi::Object* object) {
  auto list = Napi::Array::New(env, failures.list().size());
  std::uint32_t at = 0;
  for (const Failure& failure : failures.list()) {
    auto item = Napi::Object::New(env);
    item.Set("path", Bytes(env, failure.error.path));
    item.Set("code", ErrnoName(failure.error.code));
    item.Set("syscall", failure.error.syscall);
    item.Set("warning", Napi::Boolean::New(env, failure.warning));
    list.Set(at++, item);
  }
  auto all = Napi::Object::New(env);
  all.Set("list", list);
  all.Set("errors", Number(env, failures.errors()));
  all.Set("warnings", Number(env, failures.warnings()));
  object->Set("failures", all);
  auto notes = Napi::Array::New(env, failures.notes().size());
  at = 0;
  for (const auto& [kind, note] : failures.notes()) {
    auto item = Napi::Object::New(env);
    item.Set("kind", kind);
    item.Set("count", Number(env, note.count));
    item.Set("path", Bytes(env, note.path));
    notes.Set(at++, item);
  }
  object->Set("notes", notes);
}

Napi::Object CountsObject(Napi::Env env, const KindCounts& counts) {
  auto object = Napi::Object::New(env);
  for (const ChangeKind change : {ChangeKind::kNew, ChangeKind::kChanged, ChangeKind::kMetadata,
                                  ChangeKind::kRenamed, ChangeKind::kDeleted}) {
    object.Set(ChangeName(change), Number(env, counts[static_cast<size_t>(change)]));
  }
  return object;
}

const char* TypeName(Type type, const char* rest) {
  switch (type) {
    case Type::kFile:
      return "file";
    case Type::kDirectory:
      return "directory";
    case Type::kSymlink:
      return "symlink";
    default:
      return rest;
  }
}

Napi::Error ToError(Napi::Env env, const OsError& error) {
  const std::string name = ErrnoName(error.code);
  std::string message = name + ": ";
  constexpr int kFirstOwnCode = 100'000;
  if (error.code < kFirstOwnCode) message += std::string(std::strerror(error.code)) + ", ";
  message += error.syscall;
  auto thrown = Napi::Error::New(env, message);
  thrown.Set("code", Napi::String::New(env, name));
  thrown.Set("syscall", Napi::String::New(env, error.syscall));
  if (!error.path.empty()) thrown.Set("pathBytes", Bytes(env, error.path));
  if (!error.target.empty()) thrown.Set("targetBytes", Bytes(env, error.target));
  return thrown;
}

Napi::Value Throw(Napi::Env env, const OsError& error) {
  ToError(env, error).ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value ToObject(Napi::Env env, Monitor& monitor) {
  auto object = Napi::Object::New(env);
  object.Set("id", Number(env, monitor.id));
  object.Set("phase", Napi::String::New(env, monitor.phase));
  object.Set("entries", Number(env, monitor.entries));
  object.Set("bytes", Number(env, monitor.bytes));
  object.Set("reads", Number(env, monitor.reads));
  object.Set("totalEntries", Number(env, monitor.total_entries));
  object.Set("totalBytes", Number(env, monitor.total_bytes));
  const std::string directory = monitor.whereabouts.Ask();
  if (!directory.empty()) object.Set("directory", Bytes(env, directory));
  return object;
}

Napi::Value ToObject(Napi::Env env, const Comparison& compared, const Failures& failures) {
  auto object = Napi::Object::New(env);
  object.Set("differs", Napi::Boolean::New(env, compared.tally.differs));
  object.Set("rebuilt",
             compared.rebuilt.empty() ? env.Null() : Napi::String::New(env, compared.rebuilt));
  object.Set("omitted", Number(env, compared.omitted));
  object.Set("totals", ToObject(env, compared.tally.totals));
  object.Set("changes", CountsObject(env, compared.tally.changes));
  object.Set("fileChanges", CountsObject(env, compared.files));
  object.Set("directoryChanges", CountsObject(env, compared.directories));
  auto need = Napi::Object::New(env);
  need.Set("bytes", Number(env, compared.tally.need.bytes));
  need.Set("allocatedBytes", Number(env, compared.tally.need.allocated));
  need.Set("inodes", Number(env, compared.tally.need.inodes));
  object.Set("need", need);
  auto sources = Napi::Array::New(env, compared.sources.size());
  for (std::uint32_t i = 0; i < compared.sources.size(); ++i) {
    auto source = Napi::Object::New(env);
    source.Set("name", compared.sources[i].name);
    source.Set("now", Number(env, compared.sources[i].now));
    source.Set("before", Number(env, compared.sources[i].before));
    sources.Set(i, source);
  }
  object.Set("sources", sources);
  SetFailures(env, failures, &object);
  return object;
}

Napi::Value ToObject(Napi::Env env, const Applied& applied, const Failures& failures) {
  auto object = Napi::Object::New(env);
  object.Set("totals", ToObject(env, applied.totals));
  object.Set("bytes", Number(env, applied.bytes));
  SetFailures(env, failures, &object);
  return object;
}

Napi::Value ToObject(Napi::Env env, const LockAttempt& attempt) {
  auto object = Napi::Object::New(env);
  if (attempt.created) {
    object.Set("state", "created");
  } else if (attempt.type != Type::kFile) {
    object.Set("state", "odd");
    object.Set("type", TypeName(attempt.type, "other"));
  } else {
    object.Set("state", "exists");
    object.Set("flock", HolderName(attempt.holder));
    object.Set("isLocal", Napi::Boolean::New(env, attempt.is_local));
    object.Set("text", attempt.text);
  }
  return object;
}

Napi::Value ToObject(Napi::Env env, const Removed& removed) {
  auto object = Napi::Object::New(env);
  object.Set("entries", Number(env, removed.entries));
  object.Set("bytes", Number(env, removed.bytes));
  object.Set("inodes", Number(env, removed.inodes));
  return object;
}

Napi::Value ToObject(Napi::Env env, const sys::Space& space) {
  auto object = Napi::Object::New(env);
  object.Set("filesystem", space.filesystem);
  object.Set("totalBytes", Number(env, space.total_bytes));
  object.Set("freeBytes", Number(env, space.free_bytes));
  object.Set("availableBytes", Number(env, space.available_bytes));
  object.Set("totalInodes", Number(env, space.total_inodes));
  object.Set("freeInodes", Number(env, space.free_inodes));
  return object;
}

Napi::Value ToObject(Napi::Env env, const StoredDirectory& directory) {
  auto object = Napi::Object::New(env);
  object.Set("name", directory.name);
  object.Set("marker", directory.marker ? Napi::String::New(env, *directory.marker) : env.Null());
  if (directory.marker_error != 0) object.Set("error", ErrnoName(directory.marker_error));
  object.Set("tags", directory.tags ? Napi::String::New(env, *directory.tags) : env.Null());
  if (directory.tags_error != 0) object.Set("tagsError", ErrnoName(directory.tags_error));
  object.Set("pinned", Napi::Boolean::New(env, directory.is_pinned));
  auto directories = Napi::Array::New(env, directory.directories.size());
  std::uint32_t at = 0;
  for (const std::string& name : directory.directories) directories.Set(at++, name);
  object.Set("directories", directories);
  return object;
}

Napi::Value ToArray(Napi::Env env, const std::vector<FailedSource>& failed) {
  auto array = Napi::Array::New(env, failed.size());
  for (std::uint32_t i = 0; i < failed.size(); ++i) {
    auto object = Napi::Object::New(env);
    object.Set("name", failed[i].name);
    object.Set("path", failed[i].error.path);
    object.Set("code", ErrnoName(failed[i].error.code));
    object.Set("syscall", failed[i].error.syscall);
    array.Set(i, object);
  }
  return array;
}

Napi::Value ToArray(Napi::Env env, const std::vector<Change>& changes) {
  auto array = Napi::Array::New(env, changes.size());
  for (std::uint32_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    auto object = Napi::Object::New(env);
    object.Set("kind", ChangeName(change.change));
    object.Set("type", TypeName(change.type, "special"));
    object.Set("path", Bytes(env, change.path));
    if (!change.from.empty()) object.Set("from", Bytes(env, change.from));
    object.Set("bytes", Number(env, change.size));
    if (!change.moved_from.empty()) {
      object.Set("movedFrom", Bytes(env, change.moved_from));
      object.Set("movedEntries", Number(env, change.moved_entries));
    }
    if (change.in_move) object.Set("inMove", Napi::Boolean::New(env, true));
    array.Set(i, object);
  }
  return array;
}

Napi::Value ToArray(Napi::Env env, const std::vector<Omission>& omitted) {
  auto array = Napi::Array::New(env, omitted.size());
  for (std::uint32_t i = 0; i < omitted.size(); ++i) {
    const Omission& omission = omitted[i];
    auto object = Napi::Object::New(env);
    object.Set("path", Bytes(env, omission.path));
    object.Set("isDirectory", Napi::Boolean::New(env, omission.is_directory));
    object.Set("reason", ReasonName(omission.reason));
    object.Set("rule", Bytes(env, omission.rule));
    object.Set("origin", Bytes(env, omission.origin));
    object.Set("line", Number(env, omission.line));
    array.Set(i, object);
  }
  return array;
}

}  // namespace cura
