// Converts verifications, their damages and their healing.
#include "addon/convert_verify.h"

#include <algorithm>
#include <string>

#include "addon/classes.h"
#include "addon/convert.h"
#include "addon/errno_name.h"
#include "addon/options.h"

namespace cura {

namespace {

std::optional<std::uint64_t> Whole(const Napi::Object& object, const char* name) {
  const auto number = OptionalNumber(object, name);
  if (number && *number < 0) Refuse(object.Env(), std::string(name) + " must not be negative");
  return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

// A part of a whole, from 0 to 1.
std::optional<double> Share(const Napi::Object& object, const char* name) {
  const auto value = Field(object, name);
  if (object.Env().IsExceptionPending() || value.IsNull()) return std::nullopt;
  const double share = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  const bool is_right = share >= 0 && share <= 1;
  if (!is_right) Refuse(object.Env(), std::string(name) + " must be between 0 and 1");
  return is_right ? std::optional(share) : std::nullopt;
}

Reading ToReading(const Napi::Value& value) {
  const std::string text = Text(value);
  if (text == "new") return Reading::kNew;
  if (text == "bad") return Reading::kBad;
  if (text == "all") return Reading::kAll;
  if (text != "none") Refuse(value.Env(), "expected what to read");
  return Reading::kNone;
}

std::string NameOrEmpty(const Napi::Object& object, const char* name) {
  const auto value = Field(object, name);
  if (object.Env().IsExceptionPending() || value.IsNull()) return {};
  return Name(value);
}

const char* KindName(DamageKind kind) {
  switch (kind) {
    case DamageKind::kContent:
      return "content";
    case DamageKind::kUnreadable:
      return "unreadable";
    case DamageKind::kReplaced:
      return "replaced";
    case DamageKind::kMetadata:
      return "metadata";
    case DamageKind::kMissing:
      return "missing";
    case DamageKind::kExtra:
      return "extra";
    case DamageKind::kLinks:
      return "links";
    case DamageKind::kRecord:
      break;
  }
  return "record";
}

Napi::Value DonorOf(Napi::Env env, const Damage& damage) {
  if (damage.donor == DonorKind::kNone) return env.Null();
  auto donor = Napi::Object::New(env);
  const bool is_store = damage.donor == DonorKind::kStore;
  const char* const other = damage.donor == DonorKind::kSource ? "source" : "replica";
  donor.Set("kind", is_store ? "store" : other);
  donor.Set("path", Bytes(env, damage.donor_path));
  return donor;
}

Napi::Value Seconds(Napi::Env env, std::int64_t time_s) {
  return time_s == 0 ? env.Null() : Napi::Number::New(env, static_cast<double>(time_s));
}

}  // namespace

VerifyOptions ToVerifyOptions(const Napi::Object& object) {
  VerifyOptions options;
  for (const Napi::Object& item : ObjectsOf(Field(object, "snapshots"))) {
    options.snapshots.push_back(
        {Name(Field(item, "name")), Flag(item, "hasNoRecord"), NameOrEmpty(item, "base")});
  }
  options.all = Names(Field(object, "all"));
  ReadLimits& limits = options.limits;
  limits.reading = ToReading(Field(object, "reading"));
  limits.bytes = Whole(object, "mostBytes");
  limits.share = Share(object, "mostShare");
  limits.time_ms = Whole(object, "most_ms");
  if (const auto before = Whole(object, "before_s")) {
    limits.before_s = static_cast<std::int64_t>(*before);
  }
  limits.bytes_per_second = Whole(object, "bytesPerSecond").value_or(0);
  limits.now_s = static_cast<std::int64_t>(Whole(object, "now_s").value_or(0));
  for (const std::string& kind : Texts(Field(object, "excused"))) {
    options.excused.owner = options.excused.owner || kind == "owner";
    options.excused.mode = options.excused.mode || kind == "mode";
    options.excused.time = options.excused.time || kind == "time";
    options.excused.xattrs = options.excused.xattrs || kind.starts_with("xattr:");
  }
  return options;
}

HealOptions ToHealOptions(const Napi::Object& object) {
  HealOptions options;
  for (const Napi::Object& item : ObjectsOf(Field(object, "sources"))) {
    const std::uint32_t damage = Limit(Field(item, "damage"));
    std::string path = BytesOf(Field(item, "path"));
    if (object.Env().IsExceptionPending()) return options;
    const bool is_plain = path.starts_with('/') && path.find('\0') == std::string::npos;
    if (!is_plain) Refuse(object.Env(), "a donor needs an absolute path");
    options.sources.emplace(damage, std::move(path));
  }
  const auto replica = Field(object, "replica");
  if (object.Env().IsExceptionPending() || replica.IsNull()) return options;
  const auto fields = Fields(replica);
  const std::string path = Path(Field(fields, "path"));
  options.replica_snapshots = Names(Field(fields, "snapshots"));
  if (object.Env().IsExceptionPending()) return options;
  auto store = Store::Open(path);
  if (!store.ok()) {
    Throw(object.Env(), store.error());
    return options;
  }
  options.replica = std::make_shared<const Store>(std::move(store.value()));
  return options;
}

SourceCheckOptions ToSourceCheckOptions(const Napi::Object& object) {
  SourceCheckOptions options;
  options.snapshot = Name(Field(object, "snapshot"));
  options.sources = SourcesIn(object);
  options.bytes_per_second = Whole(object, "bytesPerSecond").value_or(0);
  return options;
}

Napi::Value ToObject(Napi::Env env, const Checked& checked, size_t damages,
                     const Failures& failures) {
  auto object = Napi::Object::New(env);
  object.Set("entries", Number(env, checked.entries));
  object.Set("inodes", Number(env, checked.inodes));
  object.Set("bytes", Number(env, checked.bytes));
  object.Set("checkedInodes", Number(env, checked.checked_inodes));
  object.Set("checkedBytes", Number(env, checked.checked_bytes));
  object.Set("unreadInodes", Number(env, checked.unread));
  object.Set("undigestedInodes", Number(env, checked.undigested));
  object.Set("oldest_s", Seconds(env, checked.oldest_s));
  object.Set("damagedInodes", Number(env, checked.damaged));
  object.Set("isPartial", Napi::Boolean::New(env, checked.is_partial));
  object.Set("gone", TextArray(env, checked.gone));
  object.Set("unrecorded", checked.unrecorded == 0
                               ? env.Null()
                               : Napi::String::New(env, ErrnoName(checked.unrecorded)));
  object.Set("damages", Number(env, damages));
  SetFailures(env, failures, &object);
  return object;
}

Napi::Value ToObject(Napi::Env env, const Healed& healed, const Failures& failures) {
  auto object = Napi::Object::New(env);
  object.Set("healed", Number(env, healed.healed));
  object.Set("failed", Number(env, healed.failed));
  SetFailures(env, failures, &object);
  return object;
}

Napi::Value ToObject(Napi::Env env, const SourceChecked& checked, const Failures& failures) {
  auto object = Napi::Object::New(env);
  object.Set("checkedFiles", Number(env, checked.files));
  object.Set("checkedBytes", Number(env, checked.bytes));
  object.Set("changedFiles", Number(env, checked.changed));
  object.Set("unknownFiles", Number(env, checked.unknown));
  const auto rotten = ArrayOf(env, checked.rotten, [env](const RottenFile& file) {
    auto item = Napi::Object::New(env);
    item.Set("path", Bytes(env, file.path));
    item.Set("bytes", Number(env, file.bytes));
    item.Set("sha256", DigestText(env, file.recorded));
    item.Set("actualSha256", DigestText(env, file.actual));
    item.Set("isStoredGood", Napi::Boolean::New(env, file.is_stored_good));
    return item;
  });
  object.Set("rotten", rotten);
  SetFailures(env, failures, &object);
  return object;
}

Napi::Value ToObject(Napi::Env env, const std::optional<ScrubSummary>& summary) {
  if (!summary) return env.Null();
  auto object = Napi::Object::New(env);
  object.Set("oldest_s", Seconds(env, summary->oldest_s));
  object.Set("inodes", Number(env, summary->inodes));
  object.Set("unreadInodes", Number(env, summary->unread));
  object.Set("damagedInodes", Number(env, summary->damaged));
  object.Set("time_s", Napi::Number::New(env, static_cast<double>(summary->time_s)));
  return object;
}

Napi::Value ToArray(Napi::Env env, const std::vector<Damage>& damages) {
  return ArrayOf(env, damages, [env](const Damage& damage) {
    auto object = Napi::Object::New(env);
    object.Set("kind", KindName(damage.kind));
    object.Set("detail", damage.detail);
    object.Set("sha256", DigestText(env, damage.entry.digest));
    object.Set("actualSha256", DigestText(env, damage.actual));
    object.Set("bytes", Number(env, damage.entry.type == Type::kFile ? damage.entry.size : 0));
    object.Set("paths", ArrayOf(env, damage.names, [env](const DamagedName& name) {
                 auto item = Napi::Object::New(env);
                 item.Set("snapshot", name.snapshot);
                 item.Set("path", Bytes(env, name.path));
                 return item;
               }));
    object.Set("healed", Napi::Boolean::New(env, damage.healed));
    object.Set("donor", DonorOf(env, damage));
    return object;
  });
}

}  // namespace cura
