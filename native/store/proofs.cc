// Encodes the file of proofs: head, proofs, CRC. All numbers have a fixed size, in little endian.
#include "store/proofs.h"

#include <map>
#include <optional>

#include "manifest/checksum.h"
#include "manifest/writer.h"
#include "store/replace_file.h"

namespace cura {

namespace {

constexpr const char* kName = ".backup_proofs";
constexpr std::string_view kHead = "CURAPRF\x01";
constexpr size_t kNumberSize = 8;
constexpr size_t kCrcSize = 4;

void AppendNumber(std::uint64_t number, std::string* out) { AppendFixed(number, kNumberSize, out); }

void AppendBytes(std::string_view bytes, std::string* out) {
  AppendNumber(bytes.size(), out);
  out->append(bytes);
}

// Reads the output of the two functions above. `failed` is set once there are too few bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t Number() {
    const std::string_view bytes = TakeBytes(kNumberSize);
    return failed_ ? 0 : ReadFixed(bytes, 0, kNumberSize);
  }
  std::string Bytes() { return std::string(TakeBytes(Number())); }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view TakeBytes(std::uint64_t size) {
    failed_ = failed_ || size > bytes_.size();
    if (failed_) return {};
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
  bool failed_ = false;
};

Proof ReadProof(Reader* reader) {
  Proof proof;
  proof.snapshot = reader->Bytes();
  proof.place.ino = reader->Number();
  proof.place.volume = reader->Number();
  proof.ctime.sec = static_cast<std::int64_t>(reader->Number());
  proof.ctime.nsec = static_cast<std::uint32_t>(reader->Number());
  proof.checksum = static_cast<std::uint32_t>(reader->Number());
  proof.manifest = reader->Bytes();
  for (std::uint64_t left = reader->Number(); left > 0 && !reader->failed(); --left) {
    const auto id = static_cast<DirId>(reader->Number());
    proof.blocks.insert_or_assign(id, reader->Bytes());
  }
  return proof;
}

std::string ReadFile(const Fd& store) {
  std::uint64_t size = 0;
  const Fd file = OpenReplaced(store, kName, &size);
  if (!file.valid()) return {};
  std::string bytes(size, '\0');
  const ssize_t got = sys::ReadFull(file.get(), bytes.data(), bytes.size());
  return got == static_cast<ssize_t>(bytes.size()) ? bytes : std::string();
}

// The names and numbers of the directories in a block, or nothing if it is malformed.
std::optional<std::map<std::string, DirId>> DirectoriesIn(BlockReader block) {
  std::map<std::string, DirId> found;
  for (Entry entry; block.Next(&entry);) {
    if (entry.type == Type::kDirectory && !entry.unread) found.emplace(entry.name, entry.directory);
  }
  if (block.malformed()) return std::nullopt;
  return found;
}

}  // namespace

std::vector<Proof> LoadProofs(const Fd& store) {
  const std::string bytes = ReadFile(store);
  std::string_view left = bytes;
  const bool is_whole = left.size() >= kHead.size() + kCrcSize && left.starts_with(kHead) &&
                        ReadFixed(left, left.size() - kCrcSize, kCrcSize) ==
                            Crc32c(left.substr(0, left.size() - kCrcSize));
  if (!is_whole) return {};
  left.remove_prefix(kHead.size());
  left.remove_suffix(kCrcSize);
  Reader reader(left);
  std::vector<Proof> proofs;
  while (!reader.at_end() && !reader.failed()) proofs.push_back(ReadProof(&reader));
  return reader.failed() ? std::vector<Proof>() : proofs;
}

void RemoveUnsavedProofs(const Fd& store) { RemoveUnfinishedFile(store, kName); }

Status SaveProofs(const Fd& store, const std::vector<Proof>& proofs) {
  std::string bytes(kHead);
  for (const Proof& proof : proofs) {
    AppendBytes(proof.snapshot, &bytes);
    AppendNumber(proof.place.ino, &bytes);
    AppendNumber(proof.place.volume, &bytes);
    AppendNumber(static_cast<std::uint64_t>(proof.ctime.sec), &bytes);
    AppendNumber(proof.ctime.nsec, &bytes);
    AppendNumber(proof.checksum, &bytes);
    AppendBytes(proof.manifest, &bytes);
    AppendNumber(proof.blocks.size(), &bytes);
    for (const auto& [id, block] : proof.blocks) {
      AppendNumber(id, &bytes);
      AppendBytes(block, &bytes);
    }
  }
  AppendFixed(Crc32c(bytes), kCrcSize, &bytes);
  return ReplaceFile(store, kName, bytes);
}

bool FitsManifest(const Blocks& blocks, const Manifest& manifest) {
  for (const auto& [id, bytes] : blocks) {
    if (id >= manifest.directories()) return false;
    const auto now = DirectoriesIn(BlockReader(bytes));
    const auto before = DirectoriesIn(manifest.Directory(id));
    if (!now || !before) return false;
    for (const auto& [name, directory] : *now) {
      const auto found = before->find(name);
      if (found == before->end() || found->second != directory) return false;
    }
  }
  return true;
}

}  // namespace cura
