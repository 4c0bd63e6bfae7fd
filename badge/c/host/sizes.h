/* What a computer has room for: every configuration and record that the Python badge takes. */
#define BADGE_TAGS_MAX 1000
#define BADGE_WORKER_BYTES_MAX 400
#define BADGE_RECORD_BYTES_MAX 9216
#define BADGE_RANGES_MAX 512
#define BADGE_NOTICE_BYTES_MAX 1024
#define BADGE_CRC_SLICES 1
#define BADGE_LATE_FAULTS 1
