// Writes manifests of the newest format.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "manifest/codec.h"
#include "manifest/frame.h"

namespace cura {

// A directory encoded for a manifest.
struct EncodedDirectory {
  DirId parent = 0;
  std::string bytes;
  std::vector<PartSizes> parts;
  std::uint64_t entries = 0;
};

// Encodes a directory, its entries in the order of their names' bytes.
class DirectoryWriter {
 public:
  explicit DirectoryWriter(const BlockHead& head);
  void Add(const Entry& entry);
  // The directory so far; `Add` must not follow.
  EncodedDirectory Take();

 private:
  void BeginPart();
  void EndPart();

  std::string name_;
  BlockHead head_;
  EncodedDirectory directory_;
  size_t part_at_ = 0;         // the entries of the part in hand begin there
  std::string stored_inodes_;  // of the part in hand
  std::string digests_;
  CodecBase last_;
};

// Not an errno but a fault of ours: a directory that should be in the manifest is not.
inline constexpr int kUnfinishedCode = 100'009;

// Writes all bytes at the file's offset; `name` is for messages.
Status WriteAll(const Fd& file, std::string_view bytes, const char* name);

// Writes a manifest by appending directories in any order, from any thread.
class ManifestWriter {
 public:
  // Into memory.
  ManifestWriter();
  // Into a file; the descriptor must outlive the writer.
  explicit ManifestWriter(const Fd* file);

  // Appends directory `id`, each exactly once.
  Status Add(DirId id, const EncodedDirectory& directory);
  // Writes index and footer. kUnfinishedCode where not every id below `directories` was added.
  Status Finish(DirId directories);
  // What was written into memory.
  std::string Take() { return std::move(buffer_); }

 private:
  Status Append(std::string_view bytes);
  Status Flush();
  Status AppendIndex(Footer* footer);

  const Fd* file_ = nullptr;
  std::mutex mutex_;
  std::string buffer_;
  std::uint64_t size_ = 0;  // of what was handed to the file
  std::uint64_t entries_ = 0;
  std::vector<IndexRecord> records_;  // by directory; an offset of 0: not added
  std::vector<IndexRecord> further_;  // parts
};

}  // namespace cura
