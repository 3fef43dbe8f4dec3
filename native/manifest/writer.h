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

// An encoded directory.
struct EncodedDirectory {
  DirId parent = 0;
  std::string bytes;
  std::vector<PartSizes> parts;
  std::uint64_t entries = 0;
};

// Encodes a directory. Entries must be added in the byte order of their names.
class DirectoryWriter {
 public:
  explicit DirectoryWriter(const BlockHead& head);
  void Add(const Entry& entry);
  // Returns the directory. Do not call `Add` afterwards.
  EncodedDirectory Take();

 private:
  void BeginPart();
  void EndPart();

  std::string name_;
  BlockHead head_;
  EncodedDirectory directory_;
  size_t part_at_ = 0;         // where the entries of the current part begin
  std::string stored_inodes_;  // of the current part
  std::string digests_;
  CodecBase last_;
};

// Not an errno but a bug: a directory is missing in the manifest.
inline constexpr int kUnfinishedCode = 100'009;

// Writes all bytes at the file's offset; `name` is for messages.
Status WriteAll(const Fd& file, std::string_view bytes, const char* name);

// Writes a manifest. Directories may be added in any order and from any thread.
class ManifestWriter {
 public:
  // Writes into memory.
  ManifestWriter();
  // Writes into a file. The descriptor must outlive the writer.
  explicit ManifestWriter(const Fd* file);

  // Adds directory `id`. Add each directory exactly once.
  Status Add(DirId id, const EncodedDirectory& directory);
  // Writes index and footer. Fails with kUnfinishedCode if an id below `directories` was not added.
  Status Finish(DirId directories);
  // Returns the manifest that was written into memory.
  std::string Take() { return std::move(buffer_); }

 private:
  Status Append(std::string_view bytes);
  Status Flush();
  Status AppendIndex(Footer* footer);

  const Fd* file_ = nullptr;
  std::mutex mutex_;
  std::string buffer_;
  std::uint64_t size_ = 0;  // bytes written to the file
  std::uint64_t entries_ = 0;
  std::vector<IndexRecord> records_;  // by directory; offset 0: not added
  std::vector<IndexRecord> further_;  // further parts
};

}  // namespace cura
