// Builds the JavaScript objects that src/native/native-queries.ts declares.
#include "addon/convert_queries.h"

#include "addon/convert.h"
#include "base/time_text.h"

namespace cura {

namespace {

// An owner, or null if it is unknown.
Napi::Value Owner(Napi::Env env, std::uint32_t id) {
  if (id == kUnknownOwner) return env.Null();
  return Number(env, id);
}

// The first letter of a line of ls -l.
const char* LetterOf(Type type) {
  switch (type) {
    case Type::kFile:
      return "-";
    case Type::kDirectory:
      return "d";
    case Type::kSymlink:
      return "l";
    case Type::kFifo:
      return "p";
    case Type::kCharDevice:
      return "c";
    case Type::kBlockDevice:
      return "b";
    case Type::kSocket:
      return "s";
  }
  return "?";
}

}  // namespace

Napi::Object ToObject(Napi::Env env, const ListedEntry& listed) {
  const Entry& entry = listed.entry;
  auto object = Napi::Object::New(env);
  object.Set("path", Bytes(env, listed.path));
  object.Set("type", TypeName(entry.type, "special"));
  object.Set("letter", LetterOf(entry.type));
  object.Set("linked", Napi::Boolean::New(env, entry.linked));
  object.Set("bytes", Number(env, entry.size));
  object.Set("mode", Number(env, entry.mode));
  object.Set("uid", Owner(env, entry.uid));
  object.Set("gid", Owner(env, entry.gid));
  object.Set("mtime", Napi::String::New(env, TimeText(entry.mtime)));
  object.Set("mtime_s", Napi::Number::New(env, static_cast<double>(entry.mtime.sec)));
  object.Set("storedInode", Number(env, entry.stored_ino));
  object.Set("sha256", DigestText(env, entry.digest));
  const bool is_link = entry.type == Type::kSymlink;
  object.Set("target", is_link ? Bytes(env, listed.target) : env.Null());
  return object;
}

Napi::Object ToObject(Napi::Env env, const TreeDifference& difference) {
  auto object = Napi::Object::New(env);
  object.Set("files", CountsObject(env, difference.files()));
  object.Set("directories", CountsObject(env, difference.directories()));
  object.Set("bytes", Number(env, difference.bytes()));
  return object;
}

Napi::Value ToArray(Napi::Env env, const std::vector<ListedEntry>& entries) {
  auto array = Napi::Array::New(env, entries.size());
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    const Napi::HandleScope scope(env);
    array.Set(i, ToObject(env, entries[i]));
  }
  return array;
}

Napi::Value ToArray(Napi::Env env, const std::vector<Match>& matches) {
  auto array = Napi::Array::New(env, matches.size());
  for (std::uint32_t i = 0; i < matches.size(); ++i) {
    const Napi::HandleScope scope(env);
    auto object = ToObject(env, matches[i].entry);
    object.Set("newest", Number(env, matches[i].newest));
    object.Set("oldest", Number(env, matches[i].oldest));
    object.Set("count", Number(env, matches[i].count));
    object.Set("present", Napi::Boolean::New(env, matches[i].present));
    array.Set(i, object);
  }
  return array;
}

Napi::Value ToArray(Napi::Env env, const std::vector<PathVersion>& versions) {
  auto array = Napi::Array::New(env, versions.size());
  for (std::uint32_t i = 0; i < versions.size(); ++i) {
    const Napi::HandleScope scope(env);
    auto object = Napi::Object::New(env);
    const auto& entry = versions[i].entry;
    object.Set("entry", entry ? Napi::Value(ToObject(env, *entry)) : env.Null());
    object.Set("sameContent", Napi::Boolean::New(env, versions[i].same_content));
    object.Set("sameMetadata", Napi::Boolean::New(env, versions[i].same_metadata));
    array.Set(i, object);
  }
  return array;
}

namespace {

Napi::Object FreedObject(Napi::Env env, const Freed& freed) {
  auto object = Napi::Object::New(env);
  object.Set("entries", Number(env, freed.entries));
  object.Set("bytes", Number(env, freed.bytes));
  object.Set("inodes", Number(env, freed.inodes));
  object.Set("foreignBytes", Number(env, freed.foreign_bytes));
  object.Set("foreignInodes", Number(env, freed.foreign_inodes));
  return object;
}

}  // namespace

Napi::Value ToObject(Napi::Env env, const Space& space) {
  auto object = Napi::Object::New(env);
  object.Set("snapshots", ArrayOf(env, space.snapshots, [env](const SnapshotSpace& snapshot) {
               auto item = Napi::Object::New(env);
               item.Set("name", snapshot.name);
               item.Set("files", Number(env, snapshot.files));
               item.Set("bytes", Number(env, snapshot.bytes));
               item.Set("alone", FreedObject(env, snapshot.alone));
               return item;
             }));
  object.Set("set", FreedObject(env, space.set));
  object.Set("all", FreedObject(env, space.all));
  object.Set("top", ArrayOf(env, space.top, [env](const CostlyPath& costly) {
               auto item = Napi::Object::New(env);
               item.Set("path", Bytes(env, costly.path));
               item.Set("bytes", Number(env, costly.bytes));
               item.Set("inodes", Number(env, costly.inodes));
               return item;
             }));
  object.Set("gone", TextArray(env, space.gone));
  object.Set("listed", ArrayOf(env, space.listed, [env](const ListedTree& listed) {
               auto item = Napi::Object::New(env);
               item.Set("snapshot", listed.snapshot);
               item.Set("why", listed.why);
               return item;
             }));
  object.Set("unread", Number(env, space.unread));
  return object;
}

}  // namespace cura
