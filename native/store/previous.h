// The stored snapshots that a new one is compared with and linked from: one for each source, read
// as one tree.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/proofs.h"
#include "store/stored_snapshot.h"

namespace cura {

// The snapshot that has the entry of one source.
struct BaseOption {
  std::string source;
  std::string snapshot;     // empty: none
  bool is_foreign = false;  // from another host, so its inode numbers are of other filesystems
  std::vector<std::string> older;  // may have files that this one lacks; newest first
};

// A stored snapshot as a part of the combined tree.
struct Base {
  std::string snapshot;
  StoredSnapshot stored;
  bool is_foreign = false;
  DirId offset = 0;            // added to its directory numbers; the number of its root is unused
  Blocks newer;                // replaces blocks of the manifest
  Stamp place;                 // of the snapshot's directory
  Timestamp ctime;             // of the snapshot's directory
  bool has_no_record = false;  // this run or an earlier one made the manifest from the tree
};

class Previous {
 public:
  // Adds a base. Its directory numbers follow those of the other bases.
  void Add(Base base);
  // Sets the top of the tree: the entries of these sources, as far as their bases have them.
  void SetTop(const std::vector<BaseOption>& options);

  [[nodiscard]] bool exists() const { return !bases_.empty(); }
  [[nodiscard]] std::vector<Base>& bases() { return bases_; }
  [[nodiscard]] const std::vector<Base>& bases() const { return bases_; }
  [[nodiscard]] const Base* BaseOf(std::string_view source) const;
  // The base that has directory `id`, which must not be 0.
  [[nodiscard]] const Base& Holding(DirId id) const;

  // These work as in Manifest.
  [[nodiscard]] BlockReader Directory(DirId id) const;
  [[nodiscard]] DirId directories() const { return next_; }
  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  [[nodiscard]] DirId ParentOf(DirId id) const;
  [[nodiscard]] std::vector<std::string> PathOf(DirId id) const;

  // The stored directory `id`, which must not be 0.
  [[nodiscard]] std::shared_ptr<Dir> Find(DirId id) const;
  // The stored directory that contains the entry of a source, or null without a base.
  [[nodiscard]] std::shared_ptr<Dir> Above(std::string_view source) const;
  // The number of the directory that contains an entry read from directory `id`. Entries of the top
  // are in the tops of their bases.
  [[nodiscard]] DirId DirectoryOf(DirId id, std::string_view name) const;
  // Whether the directory is the top of a base. The top of the combined tree replaces it.
  [[nodiscard]] bool IsBaseTop(DirId id) const;
  // Whether and why part of a manifest could not be read. Results based on it are incomplete.
  [[nodiscard]] bool failed() const;
  [[nodiscard]] Status failure() const;
  // Why manifests could not be used; empty if all were.
  [[nodiscard]] std::string rebuilt() const;

 private:
  std::vector<Base> bases_;
  std::unordered_map<std::string, size_t> by_source_;
  std::string top_;
  DirId next_ = 1;
  std::uint64_t entries_ = 0;
};

}  // namespace cura
