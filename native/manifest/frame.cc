// Encodes numbers of a fixed size, little endian, in the order of docs/manifest.md.
#include "manifest/frame.h"

#include "base/volumes.h"
#include "manifest/checksum.h"

namespace cura {

namespace {

constexpr size_t kLong = 8;
constexpr size_t kShort = 4;
constexpr size_t kRecordChecksumAt = kRecordSize - kShort;
constexpr size_t kFooterChecksumAt = kFooterSize - kManifestTail.size() - kShort;

std::uint32_t RecordChecksum(std::string_view bytes, std::uint64_t number) {
  std::string numbered;
  AppendFixed(number, kLong, &numbered);
  return Crc32c(bytes.substr(0, kRecordChecksumAt), Crc32c(numbered));
}

// Reads numbers of a fixed size, one after the other.
class Numbers {
 public:
  explicit Numbers(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t Long() { return TakeNumber(kLong); }
  std::uint32_t Short() { return static_cast<std::uint32_t>(TakeNumber(kShort)); }

 private:
  std::uint64_t TakeNumber(size_t size) {
    at_ += size;
    return ReadFixed(bytes_, at_ - size, size);
  }

  std::string_view bytes_;
  size_t at_ = 0;
};

}  // namespace

Stamp StampOf(const Fd& file) {
  sys::Stat stat;
  if (sys::StatFd(file.get(), &stat) != 0) return {};
  return {stat.ino, VolumeOf(file.get())};
}

bool HasMark(std::string_view bytes, std::string_view mark) {
  return bytes.substr(0, mark.size() - 1) == mark.substr(0, mark.size() - 1);
}

void AppendRecord(const IndexRecord& record, std::uint64_t number, std::string* out) {
  const size_t start = out->size();
  AppendFixed(record.offset, kLong, out);
  for (const std::uint32_t size : record.part.sizes) AppendFixed(size, kShort, out);
  for (const std::uint32_t checksum : record.part.checksums) AppendFixed(checksum, kShort, out);
  AppendFixed(record.parent, kShort, out);
  AppendFixed(record.next, kShort, out);
  AppendFixed(record.more, kShort, out);
  AppendFixed(RecordChecksum(std::string_view(*out).substr(start), number), kShort, out);
}

std::optional<IndexRecord> ReadRecord(std::string_view bytes, std::uint64_t number) {
  Numbers numbers(bytes);
  IndexRecord record;
  record.offset = numbers.Long();
  for (std::uint32_t& size : record.part.sizes) size = numbers.Short();
  for (std::uint32_t& checksum : record.part.checksums) checksum = numbers.Short();
  record.parent = numbers.Short();
  record.next = numbers.Short();
  record.more = numbers.Short();
  if (numbers.Short() != RecordChecksum(bytes, number)) return std::nullopt;
  return record;
}

std::uint32_t IndexChecksum(std::string_view record, std::uint32_t before) {
  return Crc32c(record.substr(0, kRecordChecksumAt), before);
}

void AppendFooter(const Footer& footer, std::string* out) {
  const size_t start = out->size();
  AppendFixed(footer.directories, kLong, out);
  AppendFixed(footer.records, kLong, out);
  AppendFixed(footer.entries, kLong, out);
  AppendFixed(footer.index, kLong, out);
  AppendFixed(footer.stamp.ino, kLong, out);
  AppendFixed(footer.stamp.volume, kLong, out);
  AppendFixed(footer.index_checksum, kShort, out);
  AppendFixed(Crc32c(std::string_view(*out).substr(start)), kShort, out);
  out->append(kManifestTail);
}

std::variant<Footer, std::string> ReadFooter(std::string_view bytes, std::uint64_t file_size) {
  const std::string_view tail = bytes.substr(bytes.size() - kManifestTail.size());
  if (tail != kManifestTail) return "it is cut short";
  if (ChecksumIn(bytes) != Crc32c(bytes.substr(0, kFooterChecksumAt))) {
    return "its checksum is wrong";
  }
  Numbers numbers(bytes);
  Footer footer;
  footer.directories = numbers.Long();
  footer.records = numbers.Long();
  footer.entries = numbers.Long();
  footer.index = numbers.Long();
  footer.stamp = {numbers.Long(), numbers.Long()};
  footer.index_checksum = numbers.Short();
  const std::uint64_t end = file_size - kFooterSize;
  const bool fits = footer.index >= kManifestHead.size() && footer.index <= end &&
                    (end - footer.index) % kRecordSize == 0 &&
                    (end - footer.index) / kRecordSize == footer.records;
  const bool counts =
      footer.directories > 0 && footer.directories <= footer.records && footer.records < kNoDir;
  if (!fits || !counts) return "its index is wrong";
  return footer;
}

std::uint32_t ChecksumIn(std::string_view footer) {
  return static_cast<std::uint32_t>(ReadFixed(footer, kFooterChecksumAt, kShort));
}

}  // namespace cura
