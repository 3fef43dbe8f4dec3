// Makes single entries of a restored tree from the stored ones.
#pragma once

#include <atomic>
#include <string>

#include "file/entry_maker.h"
#include "restore/donors.h"
#include "restore/live_state.h"
#include "restore/stored_tree.h"

namespace cura {

// A stored entry, and where it is made.
struct RestoreSite {
  Site stored;
  Site to;
  // As in the snapshot.
  [[nodiscard]] std::string Path() const;
};

// Threads share it. An error is one of the target and ends the run; what goes wrong with one entry
// is reported.
class EntryRestorer {
 public:
  EntryRestorer(const RestoreOptions& options, const StoredTree* stored, const JobContext& job)
      : options_(options),
        stored_(stored),
        job_(job),
        rules_(options),
        donors_(options, stored, job) {}

  // Makes a file, a symlink or a special file. Returns whether it was made.
  Result<bool> Make(const RestoreSite& site, const Entry& entry);
  // The attributes to give to an entry, read from the stored one.
  [[nodiscard]] Xattrs StoredXattrs(const RestoreSite& site, const Entry& entry) const;
  // Whether the stored entry may have attributes. Otherwise it need not be opened for them.
  [[nodiscard]] bool MayHaveXattrs(const Entry& entry) const;
  // Gives a new inode the recorded metadata.
  Status SetMetadataOfNew(const Place& made, const RestoreSite& site, const Entry& entry,
                          const Xattrs& xattrs) const;
  // Gives a directory or a file that existed the recorded metadata, and takes away attributes.
  Status SetMetadataOf(int fd, const RestoreSite& site, const Entry& entry);

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t verified() const { return verified_; }
  [[nodiscard]] std::uint64_t unverified() const { return unverified_; }
  [[nodiscard]] std::uint64_t damaged() const { return damaged_; }
  [[nodiscard]] std::uint64_t donated() const { return donated_; }

 private:
  enum class Copy : std::uint8_t { kGood, kDamaged };

  Result<bool> MakeFile(const RestoreSite& site, const Entry& entry);
  Result<bool> MakeNode(const RestoreSite& site, const Entry& entry);
  Result<Copy> CopyFrom(int from, const RestoreSite& site, const Entry& entry);
  Result<Fd> Create(int from, const RestoreSite& site, bool* is_cloned);
  Result<Copy> Fill(int from, int to, bool is_cloned, const RestoreSite& site, const Entry& entry);
  Status Finish(Fd target, int from, const RestoreSite& site, const Entry& entry) const;
  void NoteXattr(const std::string& key, const std::string& path) const;
  [[nodiscard]] Xattrs XattrsOf(const Place& place, const RestoreSite& site,
                                const Entry& entry) const;

  const RestoreOptions& options_;
  const StoredTree* const stored_;
  const JobContext job_;
  const MetadataRules rules_;
  Donors donors_;
  std::atomic<bool> may_clone_ = true;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> verified_ = 0;
  std::atomic<std::uint64_t> unverified_ = 0;
  std::atomic<std::uint64_t> damaged_ = 0;
  std::atomic<std::uint64_t> donated_ = 0;
};

}  // namespace cura
