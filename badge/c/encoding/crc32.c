/* CRC-32 as zlib computes it: the start value may be that of what came before. */
#include "../internal.h"

#ifndef BADGE_CRC_SLICES
#define BADGE_CRC_SLICES 0
#endif

#if BADGE_CRC_SLICES
/* Eight bytes at a time, from tables of 8 KiB: for computers, not for chips. */
#include "crc32_slices.h"

uint32_t badge_crc32(uint32_t crc, const void *bytes, uint32_t size) {
    const uint8_t *at = bytes;
    crc = ~crc;
    for (; size >= 8; size -= 8, at += 8) {
        uint32_t low = crc ^ ((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
                              (uint32_t)at[3] << 24);
        crc = slices[7][low & 0xFF] ^ slices[6][low >> 8 & 0xFF] ^ slices[5][low >> 16 & 0xFF] ^
              slices[4][low >> 24] ^ slices[3][at[4]] ^ slices[2][at[5]] ^ slices[1][at[6]] ^
              slices[0][at[7]];
    }
    for (; size > 0; size--) {
        crc = crc >> 8 ^ slices[0][(crc ^ *at++) & 0xFF];
    }
    return ~crc;
}
#else
/* Four bits at a time: a table of 64 bytes. */
static const uint32_t nibbles[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
};

uint32_t badge_crc32(uint32_t crc, const void *bytes, uint32_t size) {
    const uint8_t *at = bytes;
    crc = ~crc;
    for (; size > 0; size--) {
        crc ^= *at++;
        crc = crc >> 4 ^ nibbles[crc & 15];
        crc = crc >> 4 ^ nibbles[crc & 15];
    }
    return ~crc;
}
#endif
