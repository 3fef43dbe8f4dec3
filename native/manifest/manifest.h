// The record of one tree, read block by block.
#pragma once

#include <atomic>
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

// An errno of ours: a manifest that was whole when it was opened is damaged now.
inline constexpr int kDamagedManifestCode = 100'014;

// The bytes of a manifest: a file, or memory.
class ManifestBytes {
 public:
  explicit ManifestBytes(Fd file) : file_(std::move(file)) {}
  explicit ManifestBytes(std::string bytes)
      : memory_(std::make_shared<const std::string>(std::move(bytes))) {}

  // Null for a file.
  [[nodiscard]] const std::shared_ptr<const std::string>& memory() const { return memory_; }
  [[nodiscard]] const Fd& file() const { return file_; }
  // False with errno set; EIO where the file ends before.
  bool Read(std::uint64_t offset, size_t size, char* to) const;

 private:
  Fd file_;
  std::shared_ptr<const std::string> memory_;
};

// An entry that was looked up.
struct FoundEntry {
  Entry entry;  // views into what `owner` holds
  DirId directory = 0;
  std::shared_ptr<const void> owner;
};

// A manifest. Only a footer is held in memory; directories are read when they are asked for, each
// with its checksum. Threads may share it.
class Manifest {
 public:
  using Opened = std::variant<std::shared_ptr<const Manifest>, std::string>;

  // Opens a manifest and checks it as a whole: checksums, structure, every entry. A manifest, or a
  // sentence that says what is wrong with it. `name` is for messages.
  static Opened Load(Fd file, std::string name);
  // The same for one in memory.
  static Opened Parse(std::string bytes);
  // Checks the footer only, for a few look-ups: all else is checked when it is read.
  static Opened Open(Fd file, std::string name);

  Manifest(ManifestBytes bytes, std::string name)
      : bytes_(std::move(bytes)), name_(std::move(name)) {}

  // Numbers of directories in it, except the root's, are greater by `offset`. Where the directory
  // cannot be read, it looks empty and `failure` says why.
  [[nodiscard]] BlockReader Directory(DirId id, DirId offset = 0) const;
  // Why some part could not be read since the manifest was opened. What was read is then incomplete
  // and must not be used: each job asks before it believes its own result.
  [[nodiscard]] Status failure() const;
  [[nodiscard]] bool failed() const { return failed_; }

  [[nodiscard]] DirId directories() const { return directories_; }
  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  // Tells it from any other manifest.
  [[nodiscard]] std::uint32_t checksum() const { return checksum_; }
  // False where the file is a copy of the one that was written, so that the inodes that it has of
  // the store are those of another tree.
  [[nodiscard]] bool is_in_place() const { return is_in_place_; }
  // The root is its own parent.
  [[nodiscard]] DirId ParentOf(DirId id) const;
  // Names from below the root down to the directory.
  [[nodiscard]] std::vector<std::string> PathOf(DirId id) const;
  // The entry at a path of names with '/' between them, or nothing. Reads a few blocks for each
  // name, however large the manifest is.
  [[nodiscard]] Result<std::optional<FoundEntry>> Lookup(std::string_view path) const;
  // How many bytes were read of it, opening included.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  friend class ManifestCheck;

  static Opened Convert(Fd file, std::string name, std::string bytes);
  std::string OpenFrame(std::uint64_t size);
  [[nodiscard]] bool Read(std::uint64_t offset, size_t size, char* to) const;
  [[nodiscard]] std::optional<IndexRecord> RecordAt(std::uint64_t number) const;
  [[nodiscard]] std::vector<IndexRecord> PartsOf(const IndexRecord& first) const;
  [[nodiscard]] std::shared_ptr<const DirectoryBytes> Bytes(std::uint64_t offset,
                                                            std::vector<PartSizes> parts) const;
  [[nodiscard]] std::shared_ptr<const DirectoryBytes> PartWith(const IndexRecord& first,
                                                               std::string_view name) const;
  [[nodiscard]] std::optional<FoundEntry> FindIn(DirId id, std::string_view name) const;
  void Fail(int code) const;

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
  mutable std::mutex mutex_;  // guards what follows
  mutable Status failure_;
};

}  // namespace cura
