/* Arm's MPS2 board with a Cortex-M3 (AN385), as `qemu-system-arm -M mps2-an385` plays it: the
 * console on UART 0, the Notecard on UART 1.  Its flash is the 16 MB of PSRAM: a file under QEMU
 * (docs/firmware.md), which outlives the emulator's end between two words. */
#include <string.h>

#include "flash.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define PSRAM_AT 0x21000000u
#define KEPT_AT 0x203FFF00u /* above the stack, and in no segment that is loaded at a reset */
#define SYSTICK_CONTROL REGISTER(0xE000E010u)
#define SYSTICK_RELOAD REGISTER(0xE000E014u)
#define SYSTICK_VALUE REGISTER(0xE000E018u)
#define IRQ_ENABLE REGISTER(0xE000E100u)
#define IRQ_DISABLE REGISTER(0xE000E180u)
#define AIRCR REGISTER(0xE000ED0Cu)

enum {
    CLOCK_HZ = 25000000,
    TICK_MS = 5,
    QUEUE_BYTES = 4096, /* a power of two */
    BAUD_DIVIDER = CLOCK_HZ / 115200,
    UART_TX_FULL = 1,
    UART_RX_FULL = 2,
    UART_ENABLE = 1 | 2 | 8, /* send, receive, interrupt on receive */
    UART_RX_INTERRUPT = 2,
    RESET_NOW = 0x05FA0004,
};

struct uart {
    uint32_t data, state, control, interrupt, divider;
};

static struct {
    volatile struct uart *uart;
    uint32_t irq; /* of what is received */
    volatile uint32_t put, taken;
    volatile bool waits; /* the queue was full: the line waits, too */
} ports[BOARD_PORTS] = {
    {(volatile struct uart *)0x40004000u, 0, 0, 0, false},
    {(volatile struct uart *)0x40005000u, 2, 0, 0, false},
};
static uint8_t queues[BOARD_PORTS][QUEUE_BYTES];

static volatile uint32_t ticks, ticks_high;

static void mask(void) {
    __asm volatile("cpsid i" ::: "memory");
}

static void unmask(void) {
    __asm volatile("cpsie i" ::: "memory");
}

static void received(enum board_port port) {
    ports[port].uart->interrupt = UART_RX_INTERRUPT;
    while (ports[port].uart->state & UART_RX_FULL) {
        if (ports[port].put - ports[port].taken == QUEUE_BYTES) {
            ports[port].waits = true;
            IRQ_DISABLE = 1u << ports[port].irq;
            return;
        }
        queues[port][ports[port].put % QUEUE_BYTES] = (uint8_t)ports[port].uart->data;
        ports[port].put++;
    }
}

static void console_received(void) {
    received(BOARD_CONSOLE);
}

static void notecard_received(void) {
    received(BOARD_NOTECARD);
}

static void ticked(void) {
    ticks_high += ++ticks == 0;
}

static void halt(void) {
    AIRCR = RESET_NOW; /* a fault: as a watchdog would */
    for (;;) {
    }
}

void board_start(int count, char **words) {
    (void)count, (void)words;
    for (unsigned port = 0; port < BOARD_PORTS; port++) {
        ports[port].uart->divider = BAUD_DIVIDER;
        ports[port].uart->control = UART_ENABLE;
        IRQ_ENABLE = 1u << ports[port].irq;
    }
    SYSTICK_RELOAD = CLOCK_HZ / 1000 * TICK_MS - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = 7; /* the core's clock, with its interrupt, on */
}

struct board_kept *board_kept(void) {
    return (struct board_kept *)KEPT_AT;
}

void board_reset(void) {
    halt();
}

int64_t board_ms(void) {
    mask();
    int64_t now = (int64_t)ticks_high << 32 | ticks;
    unmask();
    return now * TICK_MS;
}

void board_wait(uint32_t most_ms) {
    int64_t until_ms = board_ms() + most_ms;
    bool empty = true;
    do {
        mask(); /* what comes between the look and WFI wakes it all the same */
        for (unsigned port = 0; port < BOARD_PORTS; port++) {
            empty &= ports[port].put == ports[port].taken;
        }
        if (empty) {
            __asm volatile("dsb\nwfi" ::: "memory");
        }
        unmask();
    } while (empty && board_ms() < until_ms);
}

int board_read(enum board_port port) {
    if (ports[port].put == ports[port].taken) {
        return -1;
    }
    uint8_t byte = queues[port][ports[port].taken % QUEUE_BYTES];
    ports[port].taken++;
    if (ports[port].waits) {
        ports[port].waits = false;
        IRQ_ENABLE = 1u << ports[port].irq;
    }
    return byte;
}

void board_write(enum board_port port, const void *bytes, uint32_t size) {
    for (const uint8_t *at = bytes; size; size--) {
        while (ports[port].uart->state & UART_TX_FULL) {
        }
        ports[port].uart->data = *at++;
    }
}

volatile uint32_t *flash_memory(void) {
    return (volatile uint32_t *)PSRAM_AT;
}

void flash_store(volatile uint32_t *word, uint32_t value) {
    *word = value;
}

/* ---- Start ---- */

extern uint32_t data_from, data_start, data_end, bss_start, bss_end;
void stack_top(void); /* an address, no function: the table has both */
int main(int count, char **words);

static void start(void) {
    memcpy(&data_start, &data_from, (uintptr_t)&data_end - (uintptr_t)&data_start);
    memset(&bss_start, 0, (uintptr_t)&bss_end - (uintptr_t)&bss_start);
    main(0, NULL);
    halt();
}

typedef void handler(void);
extern handler *const vectors[];
__attribute__((section(".vectors"), used)) handler *const vectors[] = {
    stack_top,
    start,
    halt, halt, halt, halt, halt, halt, halt, halt, halt, halt, halt, halt, halt,
    ticked,
    console_received,
    halt,
    notecard_received,
};
