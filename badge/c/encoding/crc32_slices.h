/* The CRC is linear: the effect of a byte is that of its bits, put together by the compiler.
 * One line for each number of zero bytes that follow the byte: the effects of its eight bits. */
#define BIT(byte, bit, effect) ((byte) >> (bit) & 1 ? UINT32_C(effect) : UINT32_C(0))
#define EFFECT(n, a, b, c, d, e, f, g, h) \
    (BIT(n, 0, a) ^ BIT(n, 1, b) ^ BIT(n, 2, c) ^ BIT(n, 3, d) ^ BIT(n, 4, e) ^ BIT(n, 5, f) ^ \
     BIT(n, 6, g) ^ BIT(n, 7, h))
#define FOUR(n, ...) \
    EFFECT(n, __VA_ARGS__), EFFECT((n) + 1, __VA_ARGS__), EFFECT((n) + 2, __VA_ARGS__), \
        EFFECT((n) + 3, __VA_ARGS__)
#define SIXTEEN(n, ...) \
    FOUR(n, __VA_ARGS__), FOUR((n) + 4, __VA_ARGS__), FOUR((n) + 8, __VA_ARGS__), \
        FOUR((n) + 12, __VA_ARGS__)
#define SIXTY_FOUR(n, ...) \
    SIXTEEN(n, __VA_ARGS__), SIXTEEN((n) + 16, __VA_ARGS__), SIXTEEN((n) + 32, __VA_ARGS__), \
        SIXTEEN((n) + 48, __VA_ARGS__)
#define ALL(...) \
    {SIXTY_FOUR(0, __VA_ARGS__), SIXTY_FOUR(64, __VA_ARGS__), SIXTY_FOUR(128, __VA_ARGS__), \
     SIXTY_FOUR(192, __VA_ARGS__)}

static const uint32_t slices[8][256] = {
    ALL(0x77073096, 0xEE0E612C, 0x076DC419, 0x0EDB8832,
        0x1DB71064, 0x3B6E20C8, 0x76DC4190, 0xEDB88320),
    ALL(0x191B3141, 0x32366282, 0x646CC504, 0xC8D98A08,
        0x4AC21251, 0x958424A2, 0xF0794F05, 0x3B83984B),
    ALL(0x01C26A37, 0x0384D46E, 0x0709A8DC, 0x0E1351B8,
        0x1C26A370, 0x384D46E0, 0x709A8DC0, 0xE1351B80),
    ALL(0xB8BC6765, 0xAA09C88B, 0x8F629757, 0xC5B428EF,
        0x5019579F, 0xA032AF3E, 0x9B14583D, 0xED59B63B),
    ALL(0x3D6029B0, 0x7AC05360, 0xF580A6C0, 0x30704BC1,
        0x60E09782, 0xC1C12F04, 0x58F35849, 0xB1E6B092),
    ALL(0xCB5CD3A5, 0x4DC8A10B, 0x9B914216, 0xEC53826D,
        0x03D6029B, 0x07AC0536, 0x0F580A6C, 0x1EB014D8),
    ALL(0xA6770BB4, 0x979F1129, 0xF44F2413, 0x33EF4E67,
        0x67DE9CCE, 0xCFBD399C, 0x440B7579, 0x8816EAF2),
    ALL(0xCCAA009E, 0x4225077D, 0x844A0EFA, 0xD3E51BB5,
        0x7CBB312B, 0xF9766256, 0x299DC2ED, 0x533B85DA),
};
