// Computes the CRC of eight bytes at a time, with a processor instruction or with tables that the
// compiler computes.
#include "manifest/checksum.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace cura {

namespace {

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

// Table k has the CRC of a byte that is followed by k more bytes, so that eight bytes can be
// combined.
constexpr CrcTables MakeCrcTables() {
  constexpr std::uint32_t kCastagnoli = 0x82F63B78;
  CrcTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kCastagnoli : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = (crc >> 8U) ^ tables[0][crc & 0xFFU];
    }
  }
  return tables;
}

constexpr CrcTables kCrc = MakeCrcTables();

std::uint32_t FourBytes(const unsigned char* at) {
  return static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8U |
         static_cast<std::uint32_t>(at[2]) << 16U | static_cast<std::uint32_t>(at[3]) << 24U;
}

std::uint32_t FromTables(const unsigned char* at, size_t left, std::uint32_t crc) {
  for (; left >= 8; left -= 8, at += 8) {
    const std::uint32_t low = crc ^ FourBytes(at);
    const std::uint32_t high = FourBytes(at + 4);
    crc = kCrc[7][low & 0xFFU] ^ kCrc[6][low >> 8U & 0xFFU] ^ kCrc[5][low >> 16U & 0xFFU] ^
          kCrc[4][low >> 24U] ^ kCrc[3][high & 0xFFU] ^ kCrc[2][high >> 8U & 0xFFU] ^
          kCrc[1][high >> 16U & 0xFFU] ^ kCrc[0][high >> 24U];
  }
  for (; left > 0; --left, ++at) crc = (crc >> 8U) ^ kCrc[0][(crc ^ *at) & 0xFFU];
  return crc;
}

#if defined(__x86_64__)
// Asked of the processor itself, because __builtin_cpu_supports does not link everywhere.
bool HasInstruction() {
  unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_SSE4_2) != 0;
}

const bool kHasInstruction = HasInstruction();

__attribute__((target("crc32"))) std::uint32_t FromInstruction(const unsigned char* at, size_t left,
                                                               std::uint32_t crc) {
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, at, sizeof eight);
    crc = static_cast<std::uint32_t>(__builtin_ia32_crc32di(crc, eight));
  }
  for (; left > 0; --left, ++at) crc = __builtin_ia32_crc32qi(crc, *at);
  return crc;
}
#endif

}  // namespace

std::uint32_t Crc32c(std::string_view bytes, std::uint32_t before) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
#if defined(__x86_64__)
  if (kHasInstruction) return ~FromInstruction(at, bytes.size(), ~before);
#endif
  return ~FromTables(at, bytes.size(), ~before);
}

void AppendFixed(std::uint64_t number, size_t size, std::string* out) {
  for (size_t i = 0; i < size; ++i) out->push_back(static_cast<char>(number >> (8 * i)));
}

std::uint64_t ReadFixed(std::string_view bytes, size_t at, size_t size) {
  std::uint64_t number = 0;
  for (size_t i = 0; i < size; ++i) {
    number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return number;
}

}  // namespace cura
