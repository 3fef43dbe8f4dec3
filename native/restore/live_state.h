// Compares an entry that exists with the one to restore.
#pragma once

#include "base/entry.h"
#include "restore/options.h"

namespace cura {

enum class LiveState : std::uint8_t {
  kProven,    // nothing was changed since the snapshot recorded it
  kSame,      // equal, as far as stat shows: extended attributes may differ
  kMetadata,  // only metadata differ, and they can be set without giving anybody rights
  kContent,   // another content, or metadata that only a new inode may get
  kType,
};

// Which metadata this run restores.
class MetadataRules {
 public:
  explicit MetadataRules(const RestoreOptions& options)
      : keeps_owner_(options.keeps_owner),
        keeps_suid_(options.keeps_suid),
        is_privileged_(sys::IsPrivileged()),
        user_(sys::EffectiveUser()) {}

  // The entry with the metadata that it gets if the inode now belongs to `actual`.
  [[nodiscard]] Entry Wanted(const Entry& stored, const sys::Stat& actual) const;
  // The state of a live entry; `link_target` is its target if it is a symlink. Pure.
  [[nodiscard]] LiveState StateOf(const Entry& live, std::string_view link_target,
                                  const Entry& stored) const;

 private:
  [[nodiscard]] bool SetsOwner(const Entry& stored, std::uint32_t uid) const;

  const bool keeps_owner_;
  const bool keeps_suid_;
  const bool is_privileged_;
  const std::uint32_t user_;
};

}  // namespace cura
