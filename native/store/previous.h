// What a new snapshot is compared with and linked from: for each source a stored snapshot, all of
// them read as one tree.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/proofs.h"
#include "store/stored_snapshot.h"

namespace cura {

// Where the entry of one source is to be found.
struct BaseOption {
  std::string source;
  std::string snapshot;            // empty: nowhere
  bool is_foreign = false;         // of another host: its inodes are those of other filesystems
  std::vector<std::string> older;  // that may have what this one lacks, the newest first
};

// A stored snapshot, as a part of that tree.
struct Base {
  std::string snapshot;
  StoredSnapshot stored;
  bool is_foreign = false;
  DirId offset = 0;            // of its directories' numbers; its root's own number is not in use
  Blocks newer;                // what stands in place of blocks of the manifest
  Stamp place;                 // of its directory
  Timestamp ctime;             // of its directory
  bool has_no_record = false;  // the manifest is made from the tree, by this run or an earlier one
};

class Previous {
 public:
  // Gives the base numbers behind those of the others.
  void Add(Base base);
  // The tree's top: the entries of these sources, as far as their bases have them.
  void SetTop(const std::vector<BaseOption>& options);

  [[nodiscard]] bool exists() const { return !bases_.empty(); }
  [[nodiscard]] std::vector<Base>& bases() { return bases_; }
  [[nodiscard]] const std::vector<Base>& bases() const { return bases_; }
  [[nodiscard]] const Base* BaseOf(std::string_view source) const;
  // The base that has the directory of that number, which is not 0.
  [[nodiscard]] const Base& Holding(DirId id) const;

  // As of one manifest.
  [[nodiscard]] BlockReader Directory(DirId id) const;
  [[nodiscard]] DirId directories() const { return next_; }
  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  [[nodiscard]] DirId ParentOf(DirId id) const;
  [[nodiscard]] std::vector<std::string> PathOf(DirId id) const;

  // The stored directory of that number, which is not 0.
  [[nodiscard]] std::shared_ptr<Dir> Find(DirId id) const;
  // The stored directory in which the entry of a source lies; null where it has no base.
  [[nodiscard]] std::shared_ptr<Dir> Above(std::string_view source) const;
  // The number of the directory that holds an entry which was read in directory `id`: the entries
  // of the top lie in the tops of their bases.
  [[nodiscard]] DirId DirectoryOf(DirId id, std::string_view name) const;
  // Whether it is the top of a base, of which the tree's own top has all that counts.
  [[nodiscard]] bool IsBaseTop(DirId id) const;
  // Why a manifest cannot be read any more: what was made of it is incomplete.
  [[nodiscard]] bool failed() const;
  [[nodiscard]] Status failure() const;
  // Why manifests could not be used; empty where all were.
  [[nodiscard]] std::string rebuilt() const;

 private:
  std::vector<Base> bases_;
  std::unordered_map<std::string, size_t> by_source_;
  std::string top_;
  DirId next_ = 1;
  std::uint64_t entries_ = 0;
};

}  // namespace cura
