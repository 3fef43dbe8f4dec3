// Judges metadata, with what a store or its user could not keep in mind.
#include "verify/facts_check.h"

#include <array>
#include <cstdio>

namespace cura {

namespace {

std::string Octal(std::uint32_t mode) {
  char text[16];
  std::snprintf(text, sizeof text, "%03o", mode);
  return text;
}

std::string InsteadOf(const char* what, const std::string& now, const std::string& recorded) {
  return std::string(what) + ' ' + now + " instead of " + recorded;
}

void Join(std::string* text, std::string more) {
  if (!text->empty()) *text += ", ";
  *text += more;
}

// Filesystems add these by themselves: labels of the system, and the ACLs of XFS a second time.
bool IsAddedBySystem(const std::string& key) {
  return key == "security.selinux" || key == "security.ima" || key == "security.evm" ||
         key.starts_with("trusted.SGI_ACL_");
}

}  // namespace

std::uint64_t HashOfFacts(const Entry& entry) {
  constexpr std::uint64_t kPrime = 0x100000001B3;
  std::uint64_t hash = 0xCBF29CE484222325;
  const auto add = [&](std::uint64_t number) { hash = (hash ^ number) * kPrime ^ (hash >> 29U); };
  add(static_cast<std::uint64_t>(entry.type));
  add(entry.mode);
  add(entry.uid);
  add(entry.gid);
  add(entry.size);
  add(static_cast<std::uint64_t>(entry.mtime.sec));
  add(entry.mtime.nsec);
  add(entry.rdev);
  add(entry.xattrs);
  for (const char byte : entry.target) add(static_cast<unsigned char>(byte));
  for (const std::uint8_t byte : entry.digest) add(byte);
  return hash;
}

std::string MetadataFault(const Entry& recorded, const sys::Stat& actual, const FactRules& rules) {
  std::string fault;
  const bool is_file = recorded.type == Type::kFile;
  constexpr std::uint32_t kRights = 0777;
  const std::uint32_t bits = rules.is_of_user && is_file ? kRights : 07777;
  const bool has_mode = recorded.type != Type::kSymlink && !rules.excused.mode;
  if (has_mode && (actual.mode & bits) != (recorded.mode & bits)) {
    Join(&fault, InsteadOf("mode", Octal(actual.mode & 07777), Octal(recorded.mode)));
  }
  const bool is_known = recorded.uid != kUnknownOwner && !rules.excused.owner;
  const bool is_users = rules.is_of_user && actual.uid == rules.owner;
  if (is_known && actual.uid != recorded.uid && !is_users) {
    Join(&fault, InsteadOf("owner", std::to_string(actual.uid), std::to_string(recorded.uid)));
  }
  if (is_known && actual.gid != recorded.gid && !rules.is_of_user) {
    Join(&fault, InsteadOf("group", std::to_string(actual.gid), std::to_string(recorded.gid)));
  }
  if (!rules.excused.time && actual.mtime != recorded.mtime) {
    const bool is_small = actual.mtime.sec == recorded.mtime.sec;
    Join(&fault, is_small ? "another fraction of a second in its date" : "another date");
  }
  if (IsSpecial(recorded.type) && actual.rdev != recorded.rdev) Join(&fault, "another device");
  return fault;
}

std::string TargetOf(int dir, const char* name) {
  std::array<char, 4097> buffer{};
  const ssize_t size = sys::ReadLinkAt(dir, name, buffer.data(), buffer.size());
  return size < 0 ? std::string() : std::string(buffer.data(), static_cast<size_t>(size));
}

std::string FaultOf(const Entry& recorded, const Place& place, const Judged& judged,
                    bool* is_other) {
  *is_other = true;
  const sys::Stat& stat = judged.stat;
  if (TypeOf(stat.mode) != recorded.type) return "another type";
  if (recorded.type == Type::kFile && stat.size != recorded.size) {
    return "size " + std::to_string(stat.size) + " instead of " + std::to_string(recorded.size);
  }
  const bool is_symlink = recorded.type == Type::kSymlink;
  if (is_symlink && TargetOf(place.dir, place.name) != recorded.target) return "another target";
  *is_other = false;
  std::string fault = MetadataFault(recorded, stat, judged.rules);
  if (fault.empty() && !HasRecordedXattrs(recorded, place, judged.rules)) {
    fault = "other extended attributes";
  }
  return fault;
}

bool HasRecordedXattrs(const Entry& recorded, const Place& place, const FactRules& rules) {
  if (rules.excused.xattrs || rules.is_of_user || !KnowsXattrs(recorded)) return true;
  auto actual = ReadXattrs(place);
  if (!actual.ok() || DigestOf(actual.value()) == recorded.xattrs) return true;
  std::erase_if(actual.value(), [](const auto& xattr) { return IsAddedBySystem(xattr.first); });
  return DigestOf(actual.value()) == recorded.xattrs;
}

}  // namespace cura
