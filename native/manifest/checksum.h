// Numbers of a fixed size, and the checksum of everything the store records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cura {

// Numbers of a fixed size, little endian.
void AppendFixed(std::uint64_t number, size_t size, std::string* out);
std::uint64_t ReadFixed(std::string_view bytes, size_t at, size_t size);

// CRC-32C of `bytes`, going on from the CRC of what came before (0 at the start).
std::uint32_t Crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace cura
