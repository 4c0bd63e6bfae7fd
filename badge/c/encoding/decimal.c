/* Doubles without floating point: a decimal number becomes the bits of the nearest double
 * (IEEE 754, half to even), and comes back.  Flash holds doubles because CBOR does; the law counts
 * in micro-degrees and decimetres. */
#include "../internal.h"

enum { MANTISSA_BITS = 53, BIAS = 1075 };

static unsigned bits_in(uint64_t value) {
#ifdef __GNUC__
    return value ? 64u - (unsigned)__builtin_clzll(value) : 0;
#else
    unsigned bits = 0;
    for (unsigned step = 32; step > 0; step /= 2) {
        if (value >> step) {
            value >>= step;
            bits += step;
        }
    }
    return bits + (value != 0);
#endif
}

/* mantissa x 2^exponent, of which `sticky` says that something follows, as a double. */
static uint64_t rounded(uint64_t mantissa, int exponent, bool sticky) {
    unsigned size = bits_in(mantissa);
    if (size > MANTISSA_BITS) {
        unsigned extra = size - MANTISSA_BITS;
        uint64_t rest = mantissa & ((UINT64_C(1) << extra) - 1);
        uint64_t half = UINT64_C(1) << (extra - 1);
        mantissa >>= extra;
        exponent += (int)extra;
        if (rest > half || (rest == half && (sticky || mantissa & 1))) {
            mantissa++;
        }
        if (mantissa >> MANTISSA_BITS) {
            mantissa >>= 1;
            exponent++;
        }
    } else {
        mantissa <<= MANTISSA_BITS - size;
        exponent -= (int)(MANTISSA_BITS - size);
    }
    return (uint64_t)(exponent + BIAS) << 52 | (mantissa & ((UINT64_C(1) << 52) - 1));
}

uint64_t badge_real(int64_t number, uint64_t per) {
    uint64_t sign = number < 0 ? UINT64_C(1) << 63 : 0;
    uint64_t value = number < 0 ? UINT64_C(0) - (uint64_t)number : (uint64_t)number;
    if (value == 0) {
        return 0;
    }
    int shift = 64 - (int)bits_in(value);
    value <<= shift;
    uint64_t quotient = value / per, rest = value % per;
    int exponent = -shift;
    /* `per` has at most 60 bits: as many more bits of the quotient at a time as fit, until there
     * are two more than a double has. */
    unsigned size = bits_in(quotient), room = 64 - bits_in(per);
    while (size < MANTISSA_BITS + 2) {
        unsigned more = MANTISSA_BITS + 2 - size < room ? MANTISSA_BITS + 2 - size : room;
        rest <<= more;
        quotient = quotient << more | rest / per;
        rest %= per;
        exponent -= (int)more;
        size += more;
    }
    return sign | rounded(quotient, exponent, rest != 0);
}

/* The nearest millionths of a double; none of what has no sense as such: 2^40 and more. */
int64_t badge_micros(uint64_t bits) {
    int exponent = (int)(bits >> 52 & 0x7FF) - BIAS;
    uint64_t mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    if (exponent > -13 || exponent < -75) {
        return 0;
    }
    unsigned shift = (unsigned)-exponent;
    if (shift >= 44) { /* so that what is behind the point has room for six digits more */
        mantissa >>= 12;
        shift -= 12;
    }
    uint64_t whole = mantissa >> shift;
    uint64_t part = (mantissa - (whole << shift)) * 1000000u + (UINT64_C(1) << (shift - 1));
    int64_t micros = (int64_t)(whole * 1000000u + (part >> shift));
    return bits >> 63 ? -micros : micros;
}

/* The product of two positive doubles, rounded to a double as a processor does it, and then to
 * tenths, half to even: what round(a * b, 1) is in Python.  Saturates at INT32_MAX. */
int64_t badge_tenths_of_product(uint64_t a, uint64_t b) {
    if (a == 0 || b == 0) {
        return 0;
    }
    /* With 11 and 8 bits more the upper half of the product holds 60 bits of it or 61. */
    uint64_t m = a << 11 | UINT64_C(1) << 63, n = b << 12 >> 4 | UINT64_C(1) << 60;
    uint64_t ml = m & UINT32_MAX, mh = m >> 32, nl = n & UINT32_MAX, nh = n >> 32;
    uint64_t low = ml * nl;
    uint64_t middle = mh * nl + (low >> 32);
    uint64_t carry = ml * nh + (middle & UINT32_MAX);
    uint64_t high = mh * nh + (middle >> 32) + (carry >> 32);
    int exponent = (int)(a >> 52 & 0x7FF) + (int)(b >> 52 & 0x7FF) - 2 * BIAS + 45;
    bool sticky = ((carry & UINT32_MAX) | (low & UINT32_MAX)) != 0;
    uint64_t product = rounded(high, exponent, sticky);
    uint64_t mantissa = (product & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    int scale = (int)(product >> 52 & 0x7FF) - BIAS;
    if (scale > -22) {
        return INT32_MAX;
    }
    if (scale < -60) {
        return 0;
    }
    unsigned shift = (unsigned)-scale;
    uint64_t tens = mantissa * 10;
    uint64_t half = UINT64_C(1) << (shift - 1);
    uint64_t whole = tens >> shift, rest = tens & ((half << 1) - 1);
    if (rest > half || (rest == half && whole & 1)) {
        whole++;
    }
    return whole > INT32_MAX ? INT32_MAX : (int64_t)whole;
}

/* A JSON number of at most 18 digits with at most 18 places: its double.  More digits are cut. */
uint64_t badge_real_of_text(const char *text, uint32_t length) {
    uint64_t digits = 0, per = 1;
    bool negative = false, fraction = false;
    int exponent = 0, given = 0, sign = 1;
    uint32_t at = 0;
    for (; at < length && text[at] != 'e' && text[at] != 'E'; at++) {
        char c = text[at];
        if (c == '-') {
            negative = true;
        } else if (c == '.') {
            fraction = true;
        } else if (digits < UINT64_C(100000000000000000)) {
            digits = digits * 10 + (uint64_t)(c - '0');
            exponent -= fraction;
        } else {
            exponent += !fraction;
        }
    }
    for (at++; at < length; at++) {
        sign = text[at] == '-' ? -1 : sign;
        if (text[at] >= '0' && text[at] <= '9' && given < 400) {
            given = given * 10 + (text[at] - '0');
        }
    }
    exponent += sign * given;
    for (; exponent > 0 && digits < UINT64_C(100000000000000000); exponent--) {
        digits *= 10;
    }
    for (; exponent < 0 && per < UINT64_C(100000000000000000); exponent++) {
        per *= 10;
    }
    for (; exponent < 0; exponent++) {
        digits /= 10;
    }
    return badge_real(negative ? -(int64_t)digits : (int64_t)digits, per);
}

int32_t badge_decimal(const char *text, uint32_t length, unsigned places) {
    uint32_t value = 0, up = 0;
    unsigned seen = 0;
    bool negative = false, fraction = false, any = false;
    for (uint32_t at = 0; at < length || seen < places; at++) {
        char c = at < length ? text[at] : '0'; /* zeros fill up the places */
        fraction |= at >= length;
        if (c == '-' && at == 0) {
            negative = true;
        } else if (c == '.' && !fraction) {
            fraction = true;
        } else if (c < '0' || c > '9') {
            return BADGE_UNKNOWN;
        } else if (fraction && seen >= places) {
            up |= seen++ == places && c >= '5';
        } else {
            any |= at < length;
            seen += fraction;
            if (value > INT32_MAX / 10) {
                return BADGE_UNKNOWN;
            }
            value = value * 10 + (uint32_t)(c - '0');
        }
    }
    value += up;
    if (!any || value > INT32_MAX) {
        return BADGE_UNKNOWN;
    }
    return negative ? -(int32_t)value : (int32_t)value;
}
