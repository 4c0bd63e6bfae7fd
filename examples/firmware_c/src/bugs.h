/* Bugs that real firmware had or could have, one for each build: -DBUG=BUG_FLOAT_POSITION. */
#ifndef BUGS_H
#define BUGS_H

enum bug {
    BUG_NONE,
    BUG_LAST_LEFT_OUT,  /* a batch is sent without its last event, and taken for sent */
    BUG_FLOAT_POSITION, /* a position goes through a float: right to a metre or two */
    BUG_LOST_SIGN,      /* the sign of an RSSI is lost: a tag is never near */
    BUG_WRITE_BEHIND,   /* flash says "done" when the record is in a buffer in RAM */
    BUG_UPTIME_AS_UTC,  /* the time that was learned is taken for that of the boot */
};

#ifndef BUG
#define BUG BUG_NONE
#endif

#endif
