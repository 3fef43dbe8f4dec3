// Builds the objects that src/native/native-restore.ts declares.
#include "addon/convert_restore.h"

#include "addon/convert.h"
#include "addon/options.h"

namespace cura {

namespace {

// The bytes of a path or a name for system calls.
std::string PathBytes(const Napi::Object& object, const char* field) {
  std::string bytes = BytesOf(Field(object, field));
  if (bytes.find('\0') != std::string::npos) Refuse(object.Env(), "a path has a null byte");
  return bytes;
}

// Whether a path names something below its start: no empty name, no '.', no '..'.
bool IsPlain(const std::string& path) {
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view name = std::string_view(path).substr(at, end - at);
    if (name.empty() || name == "." || name == "..") return false;
    at = end + 1;
  }
  return true;
}

RestoreOperand ToOperand(const Napi::Object& object) {
  RestoreOperand operand;
  operand.anchor = PathBytes(object, "anchor");
  operand.below = PathBytes(object, "below");
  operand.root = PathBytes(object, "root");
  operand.name = PathBytes(object, "name");
  operand.keeps_root = Flag(object, "keepsRoot");
  const bool fits = operand.root.starts_with('/') &&
                    (operand.anchor.empty() || IsPlain(operand.anchor)) &&
                    (operand.below.empty() ? !operand.anchor.empty()
                                           : IsPlain(operand.below) && IsPlain(operand.name) &&
                                                 operand.name.find('/') == std::string::npos);
  if (!fits) Refuse(object.Env(), "an operand has a bad path");
  return operand;
}

Overwrite ToOverwrite(const Napi::Value& value) {
  const std::string text = Text(value);
  if (text == "always") return Overwrite::kAlways;
  if (text == "if-newer") return Overwrite::kIfNewer;
  if (text == "never") return Overwrite::kNever;
  if (text != "if-changed") Refuse(value.Env(), "expected how to overwrite");
  return Overwrite::kIfChanged;
}

const char* ActionName(RestoreAction action) {
  switch (action) {
    case RestoreAction::kRestored:
      return "restored";
    case RestoreAction::kUpdated:
      return "updated";
    case RestoreAction::kDeleted:
      return "deleted";
    case RestoreAction::kKept:
      break;
  }
  return "kept";
}

}  // namespace

RestoreOptions ToRestoreOptions(const Napi::Object& object) {
  RestoreOptions options;
  options.snapshot = Name(Field(object, "snapshot"));
  for (const Napi::Object& operand : ObjectsOf(Field(object, "operands"))) {
    options.operands.push_back(ToOperand(operand));
  }
  options.overwrite = ToOverwrite(Field(object, "overwrite"));
  options.checksum = Flag(object, "checksum");
  options.deletes = Flag(object, "deletes");
  options.keeps_owner = Flag(object, "keepsOwner");
  options.keeps_xattrs = Flag(object, "keepsXattrs");
  options.keeps_suid = Flag(object, "keepsSuid");
  options.donors = Names(Field(object, "donors"));
  return options;
}

Napi::Value ToObject(Napi::Env env, const RestorePlan& plan, const std::string& rebuilt,
                     const Failures& failures) {
  auto object = Napi::Object::New(env);
  object.Set("rebuilt", rebuilt.empty() ? env.Null() : Napi::String::New(env, rebuilt));
  object.Set("operands", ArrayOf(env, plan.operands, [env](const OperandCount& count) {
               auto item = Napi::Object::New(env);
               item.Set("isStored", Napi::Boolean::New(env, count.is_stored));
               item.Set("existing", Number(env, count.existing));
               return item;
             }));
  object.Set("restored", Number(env, plan.counts.restored));
  object.Set("updated", Number(env, plan.counts.updated));
  object.Set("deleted", Number(env, plan.counts.deleted));
  object.Set("kept", Number(env, plan.counts.kept));
  object.Set("unchanged", Number(env, plan.counts.unchanged));
  object.Set("bytes", Number(env, plan.counts.bytes));
  SetFailures(env, failures, &object);
  return object;
}

Napi::Value ToObject(Napi::Env env, const Restored& restored, const Failures& failures) {
  auto object = Napi::Object::New(env);
  object.Set("restored", Number(env, restored.restored));
  object.Set("updated", Number(env, restored.updated));
  object.Set("deleted", Number(env, restored.deleted));
  object.Set("bytes", Number(env, restored.bytes));
  object.Set("verified", Number(env, restored.verified));
  object.Set("unverified", Number(env, restored.unverified));
  object.Set("damaged", Number(env, restored.damaged));
  object.Set("donated", Number(env, restored.donated));
  SetFailures(env, failures, &object);
  return object;
}

Napi::Value ToArray(Napi::Env env, const std::vector<RestoreChange>& changes) {
  return ArrayOf(env, changes, [env](const RestoreChange& change) {
    auto object = Napi::Object::New(env);
    object.Set("action", ActionName(change.action));
    object.Set("type", TypeName(change.type, "special"));
    object.Set("path", Bytes(env, change.path));
    object.Set("bytes", Number(env, change.bytes));
    return object;
  });
}

}  // namespace cura
