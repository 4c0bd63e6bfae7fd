/* A board that is a program: its ports are ptys, its flash is a file.
 *
 *     firmware --notecard PORT --console PORT --state FOLDER [--cut N]
 *
 * --cut: the power goes at the Nth word that is stored in flash.  A reset is the program, started
 * again in the same process, so that nothing but `board_kept` is left of its RAM. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "flash.h"

enum { READ_BYTES = 4096, WORDS_MAX = 32 };

static struct {
    int file;
    uint8_t bytes[READ_BYTES];
    size_t count, at;
} ports[BOARD_PORTS];

static volatile uint32_t *memory;
static char **words;
static int word_count;
static struct board_kept kept;
static long stores_left = -1;

static void fail(const char *what, const char *name) {
    fprintf(stderr, "firmware: %s %s: %s\n", what, name, strerror(errno));
    exit(2);
}

static const char *option(const char *name) {
    for (int n = 1; n + 1 < word_count; n++) {
        if (strcmp(words[n], name) == 0) {
            return words[n + 1];
        }
    }
    return NULL;
}

static void open_port(enum board_port port, const char *name) {
    struct termios raw;
    const char *path = option(name);
    if (!path) {
        fprintf(stderr, "firmware: %s PORT is missing\n", name);
        exit(2);
    }
    ports[port].file = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ports[port].file < 0 || tcgetattr(ports[port].file, &raw)) {
        fail("cannot open", path);
    }
    cfmakeraw(&raw);
    tcsetattr(ports[port].file, TCSANOW, &raw);
}

static void open_flash(const char *folder) {
    char path[1024];
    struct stat found;
    snprintf(path, sizeof path, "%s/firmware.flash", folder ? folder : ".");
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || fstat(file, &found) || ftruncate(file, FLASH_BYTES)) {
        fail("cannot open", path);
    }
    void *mapped = mmap(NULL, FLASH_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) {
        fail("cannot map", path);
    }
    memory = mapped;
    if (found.st_size == 0) {
        memset(mapped, 0xFF, FLASH_BYTES); /* a new chip is erased */
    }
    close(file);
}

void board_start(int count, char **given) {
    word_count = count;
    words = given;
    const char *cut = option("--cut"), *past = option("--kept");
    stores_left = cut ? strtol(cut, NULL, 10) : -1;
    if (past) {
        long long now_ms = 0;
        sscanf(past, "%u:%u:%lld", &kept.reason, &kept.owes_answer, &now_ms);
        kept.now_ms = now_ms;
        kept.magic = BOARD_KEPT;
    }
    open_port(BOARD_CONSOLE, "--console");
    open_port(BOARD_NOTECARD, "--notecard");
    open_flash(option("--state"));
}

struct board_kept *board_kept(void) {
    return &kept;
}

void board_reset(void) {
    static char said[64], left[32];
    char *again[WORDS_MAX + 5];
    int count = 0;
    for (int n = 0; n < word_count && n < WORDS_MAX; n++) {
        if (n && (!strcmp(words[n], "--kept") || !strcmp(words[n], "--cut"))) {
            n++;
        } else {
            again[count++] = words[n];
        }
    }
    snprintf(said, sizeof said, "%u:%u:%lld", kept.reason, kept.owes_answer,
             (long long)kept.now_ms);
    again[count++] = "--kept";
    again[count++] = said;
    if (stores_left >= 0) {
        snprintf(left, sizeof left, "%ld", stores_left);
        again[count++] = "--cut";
        again[count++] = left;
    }
    again[count] = NULL;
    execv("/proc/self/exe", again);
    fail("cannot start", again[0]);
}

int64_t board_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void board_wait(uint32_t most_ms) {
    struct pollfd waiting[BOARD_PORTS];
    for (unsigned port = 0; port < BOARD_PORTS; port++) {
        waiting[port] = (struct pollfd){ports[port].file, POLLIN, 0};
        if (ports[port].at < ports[port].count) {
            return;
        }
    }
    if (poll(waiting, BOARD_PORTS, (int)most_ms) > 0) {
        for (unsigned port = 0; port < BOARD_PORTS; port++) {
            if (waiting[port].revents & (POLLERR | POLLHUP | POLLNVAL)) {
                exit(0); /* the bench is gone */
            }
        }
    }
}

int board_read(enum board_port port) {
    if (ports[port].at == ports[port].count) {
        struct pollfd ready = {ports[port].file, POLLIN, 0};
        if (poll(&ready, 1, 0) <= 0 || !(ready.revents & POLLIN)) {
            return -1;
        }
        ssize_t count = read(ports[port].file, ports[port].bytes, READ_BYTES);
        ports[port].at = 0;
        ports[port].count = count > 0 ? (size_t)count : 0;
        if (count <= 0) {
            return -1;
        }
    }
    return ports[port].bytes[ports[port].at++];
}

void board_write(enum board_port port, const void *bytes, uint32_t size) {
    const uint8_t *at = bytes;
    while (size) {
        ssize_t count = write(ports[port].file, at, size);
        if (count < 0 && errno != EINTR) {
            exit(0);
        }
        at += count > 0 ? count : 0;
        size -= count > 0 ? (uint32_t)count : 0;
    }
}

volatile uint32_t *flash_memory(void) {
    return memory;
}

void flash_store(volatile uint32_t *word, uint32_t value) {
    *word = value;
    if (stores_left > 0 && --stores_left == 0) {
        kill(getpid(), SIGKILL);
    }
}
