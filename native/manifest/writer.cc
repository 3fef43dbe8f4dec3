// Splits directories into parts, and writes parts and index.
#include "manifest/writer.h"

#include <algorithm>

#include "manifest/checksum.h"

namespace cura {

namespace {

constexpr size_t kBufferSize = 1U << 20U;

}  // namespace

DirectoryWriter::DirectoryWriter(const BlockHead& head) : name_(head.name), head_(head) {
  head_.name = name_;
  directory_.parent = head.parent;
  BeginPart();
}

void DirectoryWriter::BeginPart() {
  part_at_ = directory_.bytes.size();
  last_ = {};
  EncodeHead(head_, &directory_.bytes);
}

void DirectoryWriter::Add(const Entry& entry) {
  if (directory_.bytes.size() - part_at_ >= kPartTarget) {
    EndPart();
    BeginPart();
  }
  EncodeEntry(entry, head_, last_, {&directory_.bytes, &stored_inodes_, &digests_});
  last_.Follow(entry);
  ++directory_.entries;
}

void DirectoryWriter::EndPart() {
  EncodeEnd(&directory_.bytes);
  const std::string_view entries = std::string_view(directory_.bytes).substr(part_at_);
  const SectionViews sections = {entries, stored_inodes_, digests_};
  PartSizes part;
  for (size_t i = 0; i < kSections; ++i) {
    part.sizes[i] = static_cast<std::uint32_t>(sections[i].size());
    part.checksums[i] = Crc32c(sections[i]);
  }
  directory_.parts.push_back(part);
  directory_.bytes.append(stored_inodes_).append(digests_);
  stored_inodes_.clear();
  digests_.clear();
}

EncodedDirectory DirectoryWriter::Take() {
  EndPart();
  return std::move(directory_);
}

Status WriteAll(const Fd& file, std::string_view bytes, const char* name) {
  while (!bytes.empty()) {
    const ssize_t written = sys::Write(file.get(), bytes.data(), bytes.size());
    if (written < 0) return LastError("write", name);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return std::nullopt;
}

ManifestWriter::ManifestWriter() { buffer_ = kManifestHead; }

ManifestWriter::ManifestWriter(const Fd* file) : file_(file) { buffer_ = kManifestHead; }

Status ManifestWriter::Add(DirId id, const EncodedDirectory& directory) {
  const std::lock_guard lock(mutex_);
  if (records_.size() <= id) records_.resize(static_cast<size_t>(id) + 1);
  IndexRecord record{size_ + buffer_.size(), directory.parts.front(), directory.parent, 0, 0};
  record.more = static_cast<std::uint32_t>(directory.parts.size() - 1);
  record.next = record.more > 0 ? static_cast<std::uint32_t>(further_.size()) : 0;
  records_[id] = record;
  std::uint64_t offset = record.offset;
  for (size_t i = 1; i < directory.parts.size(); ++i) {
    offset += directory.parts[i - 1].total();
    further_.push_back({offset, directory.parts[i], id, 0, 0});
  }
  entries_ += directory.entries;
  return Append(directory.bytes);
}

Status ManifestWriter::Append(std::string_view bytes) {
  buffer_.append(bytes);
  return file_ != nullptr && buffer_.size() >= kBufferSize ? Flush() : std::nullopt;
}

// Writes the buffered bytes to the file.
Status ManifestWriter::Flush() {
  if (auto error = WriteAll(*file_, buffer_, kManifestName)) return error;
  size_ += buffer_.size();
  buffer_.clear();
  return std::nullopt;
}

Status ManifestWriter::Finish(DirId directories) {
  const std::lock_guard lock(mutex_);
  records_.resize(directories);
  const bool whole = std::all_of(records_.begin(), records_.end(),
                                 [](const IndexRecord& record) { return record.offset != 0; });
  if (!whole) return OsError{kUnfinishedCode, "manifest", {}, {}};
  Footer footer;
  footer.directories = directories;
  footer.records = directories + further_.size();
  footer.entries = entries_;
  footer.index = size_ + buffer_.size();
  if (file_ != nullptr) footer.stamp = StampOf(*file_);
  if (auto error = AppendIndex(&footer)) return error;
  AppendFooter(footer, &buffer_);
  return file_ != nullptr ? Flush() : std::nullopt;
}

// Writes the records of all directories, then those of further parts.
Status ManifestWriter::AppendIndex(Footer* footer) {
  const auto directories = static_cast<std::uint32_t>(records_.size());
  for (IndexRecord& record : records_) {
    if (record.more > 0) record.next += directories;
  }
  std::uint64_t number = 0;
  std::string bytes;
  for (const auto* const records : {&records_, &further_}) {
    for (const IndexRecord& record : *records) {
      bytes.clear();
      AppendRecord(record, number++, &bytes);
      footer->index_checksum = IndexChecksum(bytes, footer->index_checksum);
      if (auto error = Append(bytes)) return error;
    }
  }
  return std::nullopt;
}

}  // namespace cura
