// Reads the record of one tree, block by block.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "manifest/codec.h"
#include "manifest/frame.h"

namespace cura {

// Not an errno: a manifest was intact when it was opened but is damaged now.
inline constexpr int kDamagedManifestCode = 100'014;

// The bytes of a manifest, in a file or in memory.
class ManifestBytes {
 public:
  explicit ManifestBytes(Fd file) : file_(std::move(file)) {}
  explicit ManifestBytes(std::string bytes)
      : memory_(std::make_shared<const std::string>(std::move(bytes))) {}

  // Opens the file again; an invalid descriptor and errno on failure.
  using Opener = std::function<Fd()>;

  // Null if the bytes are in a file.
  [[nodiscard]] const std::shared_ptr<const std::string>& memory() const { return memory_; }
  [[nodiscard]] const Fd& file() const { return file_; }
  // Closes the file and opens it again for each read, so that many manifests need no descriptors.
  void Rest(Opener opener);
  // Returns false and sets errno on failure; EIO if the file is too short, ESTALE if it was
  // replaced while it was closed.
  bool Read(std::uint64_t offset, size_t size, char* to) const;

 private:
  Fd file_;
  Opener opener_;
  sys::Stat known_;  // the file that was closed
  std::shared_ptr<const std::string> memory_;
};

// Bytes of a manifest around the last place that was read, for whoever reads many directories:
// those near each other in the tree are mostly near each other in the file. For one thread.
class ReadWindow {
 public:
  // As ManifestBytes::Read. `end` is the end of the part of the file that the window may read.
  bool Read(const ManifestBytes& from, std::uint64_t offset, size_t size, std::uint64_t end,
            char* to);

 private:
  std::string bytes_;
  std::uint64_t at_ = 0;
};

struct ReadWindows {
  ReadWindow index;
  ReadWindow parts;
};

// The result of a lookup.
struct FoundEntry {
  Entry entry;  // points into memory that `owner` holds
  DirId directory = 0;
  std::shared_ptr<const void> owner;
};

// A manifest. Only the footer stays in memory. Directories are read on demand, and their checksums
// verified. Threads may share it.
class Manifest {
 public:
  using Opened = std::variant<std::shared_ptr<const Manifest>, std::string>;

  // Opens a manifest and checks all checksums, the structure and every entry. Returns a sentence if
  // something is wrong. `name` is for messages.
  static Opened Load(Fd file, std::string name);
  // Does the same with a manifest in memory.
  static Opened Parse(std::string bytes);
  // Opens a manifest for a few lookups: checks only the footer, and everything else when it is
  // read. With an opener, holds no descriptor afterwards.
  static Opened Open(Fd file, std::string name, ManifestBytes::Opener opener = nullptr);

  Manifest(ManifestBytes bytes, std::string name)
      : bytes_(std::move(bytes)), name_(std::move(name)) {}

  // Reads a directory. Adds `offset` to the numbers of directories in it, except to the root's. If
  // the directory cannot be read, it appears empty and `failure` has the reason.
  [[nodiscard]] BlockReader Directory(DirId id, DirId offset = 0,
                                      ReadWindows* windows = nullptr) const;
  // Why a part could not be read since the manifest was opened. All results are then incomplete and
  // must not be used, so each job checks this at its end.
  [[nodiscard]] Status failure() const;
  [[nodiscard]] bool failed() const { return failed_; }

  [[nodiscard]] DirId directories() const { return directories_; }
  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  // Identifies the manifest.
  [[nodiscard]] std::uint32_t checksum() const { return checksum_; }
  // False if the file is a copy, so that its stored inode numbers belong to another tree.
  [[nodiscard]] bool is_in_place() const { return is_in_place_; }
  // The root is its own parent.
  [[nodiscard]] DirId ParentOf(DirId id) const;
  // The names from below the root down to the directory.
  [[nodiscard]] std::vector<std::string> PathOf(DirId id) const;
  // Finds the entry at a path of names joined by '/'. Returns nothing if there is none. Reads a few
  // blocks for each name, regardless of the size of the manifest.
  [[nodiscard]] Result<std::optional<FoundEntry>> Lookup(std::string_view path) const;
  // The number of bytes read so far, including those read while opening.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  friend class ManifestCheck;

  static Opened Convert(Fd file, std::string name, std::string bytes);
  std::string OpenFrame(std::uint64_t size);
  [[nodiscard]] bool Read(std::uint64_t offset, size_t size, char* to,
                          ReadWindow* window = nullptr) const;
  [[nodiscard]] std::optional<IndexRecord> RecordAt(std::uint64_t number,
                                                    ReadWindow* window = nullptr) const;
  [[nodiscard]] std::vector<IndexRecord> PartsOf(const IndexRecord& first) const;
  [[nodiscard]] std::shared_ptr<const DirectoryBytes> Bytes(std::uint64_t offset,
                                                            std::vector<PartSizes> parts,
                                                            ReadWindow* window = nullptr) const;
  [[nodiscard]] std::shared_ptr<const DirectoryBytes> PartWith(const IndexRecord& first,
                                                               std::string_view name) const;
  [[nodiscard]] std::optional<FoundEntry> FindIn(DirId id, std::string_view name) const;
  void NoteFailure(int code) const;

  ManifestBytes bytes_;
  std::string name_;
  DirId directories_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t entries_ = 0;
  std::uint64_t index_ = 0;
  std::uint32_t index_checksum_ = 0;
  std::uint32_t checksum_ = 0;
  Stamp stamp_;
  bool is_in_place_ = true;
  mutable std::atomic<std::uint64_t> bytes_read_ = 0;
  mutable std::atomic<bool> failed_ = false;
  mutable std::mutex mutex_;  // guards the members below
  mutable Status failure_;
};

}  // namespace cura
