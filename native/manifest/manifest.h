// The record of one tree: read, checked as a whole, and written.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "manifest/codec.h"
#include "platform/fd.h"

namespace cura {

inline constexpr const char* kManifestName = ".backup_manifest";

// Where a manifest was written: what it says of stored inodes holds there alone.
struct Stamp {
  std::uint64_t ino = 0;  // the manifest's own; 0: none
  std::uint64_t volume = 0;
  bool operator==(const Stamp&) const = default;
};

// A manifest that was checked as a whole when it was opened: checksum, structure, every entry.
// Reading its blocks afterwards cannot fail. Threads may share it.
class Manifest {
 public:
  // Checks `bytes`; a manifest, or a sentence that says what is wrong with them.
  static std::variant<Manifest, std::string> Parse(std::string bytes);
  // The same for a file. It is read, not mapped: a bad sector or a file that is cut short under a
  // mapping would end the process.
  static std::variant<Manifest, std::string> Load(const Fd& file);

  Manifest(Manifest&& other) noexcept;
  Manifest& operator=(Manifest&&) = delete;
  ~Manifest() = default;

  // Numbers of directories in it, but for the root's, are greater by `offset`.
  [[nodiscard]] BlockReader Directory(DirId id, DirId offset = 0) const;
  [[nodiscard]] DirId directories() const { return directories_; }
  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  // Of all its bytes: tells it from any other manifest.
  [[nodiscard]] std::uint32_t checksum() const { return checksum_; }
  // False where the file is a copy of the one that was written, so that the inodes that it has of
  // the store are those of another tree.
  [[nodiscard]] bool is_in_place() const { return is_in_place_; }
  // Names from below the root down to the directory.
  [[nodiscard]] std::vector<std::string_view> PathOf(DirId id) const;

 private:
  Manifest() = default;
  std::string Check();
  std::string CheckFrame();
  std::string CheckBlocks();
  [[nodiscard]] std::uint64_t OffsetOf(DirId id) const;

  std::string owned_;
  std::string_view bytes_;
  std::string_view blocks_;  // from the start of the file to the index
  std::string_view index_;
  int version_ = kCodecVersion;
  DirId directories_ = 0;
  std::uint64_t entries_ = 0;
  std::uint32_t checksum_ = 0;
  Stamp stamp_;
  bool is_in_place_ = true;
};

// Not an errno but a fault of ours: a directory that should be in the manifest is not.
inline constexpr int kUnfinishedCode = 100'009;

// Writes all bytes at the file's offset; `name` is for messages.
Status WriteAll(const Fd& file, std::string_view bytes, const char* name);

// Writes a manifest by appending blocks in any order, from any thread.
class ManifestWriter {
 public:
  // Into memory.
  ManifestWriter();
  // Into a file; the descriptor must outlive the writer.
  explicit ManifestWriter(const Fd* file);

  // Appends the block of directory `id`, each exactly once. `entries` is their number in it.
  Status Add(DirId id, std::string_view block, std::uint64_t entries);
  // Writes index and footer. kUnfinishedCode where not every id below `directories` was added.
  Status Finish(DirId directories);
  // What was written into memory.
  std::string Take() { return std::move(buffer_); }

 private:
  Status Append(std::string_view bytes);
  Status Flush();

  const Fd* file_ = nullptr;
  std::mutex mutex_;
  std::string buffer_;
  std::uint64_t size_ = 0;
  std::uint64_t entries_ = 0;
  std::uint32_t crc_ = 0;
  std::vector<std::uint64_t> offsets_;
};

}  // namespace cura
