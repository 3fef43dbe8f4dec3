// Encodes numbers of a fixed size, and computes the checksum of all records in the store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cura {

// Numbers of a fixed size, little endian.
void AppendFixed(std::uint64_t number, size_t size, std::string* out);
std::uint64_t ReadFixed(std::string_view bytes, size_t at, size_t size);

// The CRC-32C of `bytes`, continued from the CRC of the preceding bytes (0 at the start).
std::uint32_t Crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace cura
